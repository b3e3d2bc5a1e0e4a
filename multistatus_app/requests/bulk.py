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
    check_object,
    check_size,
    get_data,
    get_json_name,
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
    read: Callable[[int, Any], Operation]
    if method == "DELETE":
        read = _read_bulk_key
    elif method == "POST":
        read = _read_bulk_create
    else:
        pointer = to_pointer((key_name,))

        def read(index: int, element: Any) -> Operation:
            return _read_bulk_update(
                index, element, method=method, key_name=key_name, pointer=pointer
            )

    return [read(index, element) for index, element in enumerate(document)]


def _read_bulk_create(index: int, element: Any) -> Operation:
    return Operation(
        index=index,
        method="POST",
        data=get_data(element),
        problems=check_object(element),
        foreign=getattr(element, "foreign", ()),
    )


def _read_bulk_key(index: int, element: Any) -> Operation:
    if isinstance(element, OddElement):
        return Operation(index=index, method="DELETE", problems=check_object(element))
    key, problems = read_key(element, pointer=ROOT)
    return Operation(index=index, method="DELETE", key=key, problems=problems)


def _read_bulk_update(
    index: int, element: Any, *, method: str, key_name: str, pointer: str
) -> Operation:
    problems = check_object(element)
    data = get_data(element)
    key = None
    if isinstance(data, dict):
        key, found = read_key(data.get(key_name, ABSENT), pointer=pointer)
        problems = problems or found
    return Operation(
        index=index,
        method=method,
        key=key,
        data=data,
        problems=problems,
        foreign=getattr(element, "foreign", ()),
    )
