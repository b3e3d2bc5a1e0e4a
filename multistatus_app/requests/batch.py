"""Documents → Operations: the shape of `batch/`, with a method for each operation.

A malformed request is refused. An invalid element is one failed operation, and the
others run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from multistatus_app.exceptions import MalformedBatch, show
from multistatus_app.outcomes import ABSENT, Operation, Problem
from multistatus_app.requests.elements import (
    ROOT,
    check_depth,
    check_size,
    get_json_name,
    read_data,
    read_key,
)
from multistatus_app.requests.endpoints import SINGLE_ACTIONS
from multistatus_app.requests.preconditions import is_entity_tag

MEMBERS: Final = ("method", "ref", "key", "if_match", "data")
"""The members of an operation in a batch."""
_NAMED: Final = 10  # of the unknown members


def read_batch(document: Any, *, limit: int, max_depth: int) -> list[Operation]:
    """Return the operations of a batch request: `{"operations": […]}`.

    Raises:
        MalformedBatch: no such array, an empty one, one nested too deep, or a `ref`
            that stands twice.
        TooManyOperations: more operations than `limit`.
    """
    elements = document.get("operations") if isinstance(document, dict) else None
    if not isinstance(elements, list):
        raise MalformedBatch(
            'The body must be an object with an array: {"operations": [...]}.'
        )
    unknown = document.keys() - {"operations"}
    if unknown:
        raise MalformedBatch(
            f"The body has the unknown member {show(min(unknown))}; "
            f"it takes operations only."
        )
    check_size(elements, what="array of operations", limit=limit)
    check_depth(elements, max_depth=max_depth)
    operations = [_read_operation(index, each) for index, each in enumerate(elements)]
    refs: dict[str, int] = {}
    for operation in operations:
        if operation.ref is None:
            continue
        first = refs.setdefault(operation.ref, operation.index)
        if first != operation.index:
            raise MalformedBatch(
                f"The ref {show(operation.ref)} stands at operations {first} and "
                f"{operation.index}; it must be unique in the request."
            )
    return operations


def _read_operation(index: int, element: Any) -> Operation:
    """Return one operation of a batch with all its problems (docs/wire.md)."""
    if not isinstance(element, dict):
        detail = f"An operation must be an object, not {get_json_name(element)}."
        return Operation(index=index, method=None, problems=(_refuse(detail),))
    method, ref = element.get("method"), element.get("ref")
    if not isinstance(method, str) or method not in SINGLE_ACTIONS:
        method = None
    key, key_problems = _read_key(element, method)
    data, foreign, data_problems = _read_data(element, method)
    if_match = element.get("if_match")
    return Operation(
        index=index,
        method=method,
        key=key,
        data=data,
        foreign=foreign,
        ref=ref if isinstance(ref, str) else None,
        if_match=if_match if isinstance(if_match, str) else None,
        problems=(
            *_check_members(element, method),
            *key_problems,
            *_check_if_match(element, method),
            *data_problems,
        ),
    )


def _check_members(element: Mapping[str, Any], method: str | None) -> Iterator[Problem]:
    """Yield the problems with the method, unknown members and the ref."""
    if "method" not in element:
        yield _refuse(f"method is required: {_list(SINGLE_ACTIONS)}.", code="required")
    elif method is None:
        yield _refuse(f"method must be one of {_list(SINGLE_ACTIONS)}.")
    unknown = [each for each in element if each not in MEMBERS]
    for name in unknown[:_NAMED]:
        detail = f"Unknown member {show(name)}; there are {_list(MEMBERS)}."
        yield _refuse(detail, code="unknown")
    if len(unknown) > _NAMED:
        more = len(unknown) - _NAMED
        yield _refuse(f"So many more members are unknown: {more}.", code="unknown")
    ref = element.get("ref", "")
    if not isinstance(ref, str):
        yield _refuse(f"ref must be a string, not {get_json_name(ref)}.")


def _read_key(
    element: Mapping[str, Any], method: str | None
) -> tuple[str | None, tuple[Problem, ...]]:
    if method is None or (method == "POST" and "key" not in element):
        return None, ()
    if method == "POST":
        detail = "key is not taken by POST: the server names the new one."
        return None, (_refuse(detail),)
    if "key" not in element:
        return None, (_refuse(f"key is required for {method}.", code="required"),)
    return read_key(element["key"], pointer=ROOT)


def _check_if_match(
    element: Mapping[str, Any], method: str | None
) -> Iterator[Problem]:
    if "if_match" not in element:
        return
    if method == "POST":
        yield _refuse("if_match is not taken by POST: there is nothing to match.")
    elif not is_entity_tag(element["if_match"]):
        yield _refuse('if_match must be an entity tag such as "5f1c", or *.')


def _read_data(
    element: Mapping[str, Any], method: str | None
) -> tuple[Any, tuple[str, ...], tuple[Problem, ...]]:
    if "data" in element:
        return read_data(element["data"])
    if method in (None, "DELETE"):
        return ABSENT, (), ()
    detail = f"data is required for {method}."
    return ABSENT, (), (_refuse(detail, code="required"),)


def _refuse(detail: str, *, code: str = "invalid") -> Problem:
    return Problem(code=code, detail=detail, pointer=ROOT)


def _list(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}"
