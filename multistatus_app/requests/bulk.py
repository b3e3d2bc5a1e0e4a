"""Documents → Operations: the shape of `bulk/`, with one method for all.

A malformed request is refused. An invalid element is one failed operation, and the
others run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from multistatus_app.exceptions import MalformedBatch
from multistatus_app.outcomes import ABSENT, Operation
from multistatus_app.problems import to_pointer
from multistatus_app.requests.elements import (
    ROOT,
    OddElement,
    check_depth,
    check_size,
    get_json_name,
    read_data,
    read_key,
)


def read_bulk(
    document: Any,
    *,
    method: str,
    key_name: str,
    limit: int,
    max_depth: int,
    to_pointer: Callable[[tuple[str | int, ...]], str] = to_pointer,
) -> list[Operation]:
    """Return the operations of a bulk request: one method, an array of elements.

    `to_pointer` writes the pointer to the key, in the client's name for it.

    Raises:
        MalformedBatch: not an array, an empty one, or one nested too deep.
        TooManyOperations: more elements than `limit`.
    """
    wanted = "keys" if method == "DELETE" else "objects"
    if not isinstance(document, list):
        raise MalformedBatch(
            f"The body must be an array of {wanted}, got {get_json_name(document)}."
        )
    check_size(document, what=f"array of {wanted}", limit=limit)
    check_depth(document, max_depth=max_depth)
    pointer = ROOT if method in ("POST", "DELETE") else to_pointer((key_name,))
    return [
        _read_element(index, each, method=method, key_name=key_name, pointer=pointer)
        for index, each in enumerate(document)
    ]


def _read_element(
    index: int, element: Any, *, method: str, key_name: str, pointer: str
) -> Operation:
    key = None
    if method == "DELETE" and not isinstance(element, OddElement):
        key, problems = read_key(element, pointer=pointer)
        return Operation(index=index, method=method, key=key, problems=problems)
    data, foreign, problems = read_data(element)
    if method == "DELETE":
        return Operation(index=index, method=method, problems=problems)
    if method != "POST" and isinstance(data, dict):
        key, found = read_key(data.get(key_name, ABSENT), pointer=pointer)
        problems = problems or found
    return Operation(
        index=index,
        method=method,
        key=key,
        data=data,
        problems=problems,
        foreign=foreign,
    )
