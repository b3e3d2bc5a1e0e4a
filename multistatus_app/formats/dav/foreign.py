"""Elements in foreign namespaces that have the name of a field.

They were most likely meant as fields. Ignoring them would lose data silently.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from functools import cache

from multistatus_app.formats.dav.names import unescape_name
from multistatus_app.formats.dav.reading import describe_misplaced
from multistatus_app.outcomes import Operation, Problem
from multistatus_app.problems import to_pointer


def refuse_foreign(
    operations: list[Operation], get_names: Callable[[str], Collection[str]]
) -> list[Operation]:
    """Add a problem to operations that have a field's name in a foreign namespace.

    `get_names(method)` returns the names of the serializer's fields. It is called once
    for each method, and only if there is such an element.
    """
    get_fields = cache(get_names)
    return [
        _refuse_foreign(operation, get_fields(operation.method))
        if operation.foreign and operation.method is not None
        else operation
        for operation in operations
    ]


def _refuse_foreign(operation: Operation, names: Collection[str]) -> Operation:
    found = tuple(
        Problem(
            code="invalid",
            detail=describe_misplaced(tag),
            pointer=to_pointer((name,)),
        )
        for tag in operation.foreign
        if (name := unescape_name(tag.rpartition("}")[2])) in names
    )
    return replace(operation, problems=operation.problems + found)
