"""Documents → Operations: the shape of `batch/`, with a method for each operation.

A malformed request is refused. An invalid element is one failed operation, and the
others run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from multistatus_app.exceptions import MalformedBatch, show
from multistatus_app.outcomes import ABSENT, Operation, Problem
from multistatus_app.requests.elements import (
    ROOT,
    check_depth,
    check_object,
    check_size,
    get_data,
    get_json_name,
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
    _check_refs(operations)
    return operations


def _check_refs(operations: Iterable[Operation]) -> None:
    seen: dict[str, int] = {}
    for operation in operations:
        if operation.ref is None:
            continue
        first = seen.setdefault(operation.ref, operation.index)
        if first != operation.index:
            raise MalformedBatch(
                f"The ref {show(operation.ref)} stands at operations {first} and "
                f"{operation.index}; it must be unique in the request."
            )


def _read_operation(index: int, element: Any) -> Operation:
    """Return one operation of a batch with all its problems (docs/wire.md)."""
    if not isinstance(element, dict):
        detail = f"An operation must be an object, not {get_json_name(element)}."
        problem = Problem(code="invalid", detail=detail, pointer=ROOT)
        return Operation(index=index, method=None, problems=(problem,))

    problems: list[Problem] = []

    def refuse(code: str, detail: str) -> None:
        problems.append(Problem(code=code, detail=detail, pointer=ROOT))

    method = element.get("method", ABSENT)
    if method is ABSENT:
        refuse("required", f"method is required: {_list(SINGLE_ACTIONS)}.")
    elif not isinstance(method, str) or method not in SINGLE_ACTIONS:
        refuse("invalid", f"method must be one of {_list(SINGLE_ACTIONS)}.")
    known = method if isinstance(method, str) and method in SINGLE_ACTIONS else None
    unknown = [each for each in element if each not in MEMBERS]
    for name in unknown[:_NAMED]:
        refuse("unknown", f"Unknown member {show(name)}; there are {_list(MEMBERS)}.")
    if len(unknown) > _NAMED:
        more = len(unknown) - _NAMED
        refuse("unknown", f"So many more members are unknown: {more}.")
    ref = element.get("ref")
    if "ref" in element and not isinstance(ref, str):
        refuse("invalid", f"ref must be a string, not {get_json_name(ref)}.")
    key = _read_member_key(element, known, problems, refuse)
    _check_if_match(element, known, refuse)
    _check_data(element, known, problems, refuse)
    if_match, data = element.get("if_match"), element.get("data", ABSENT)
    return Operation(
        index=index,
        method=known,
        key=key,
        data=get_data(data),
        foreign=getattr(data, "foreign", ()),
        ref=ref if isinstance(ref, str) else None,
        if_match=if_match if isinstance(if_match, str) else None,
        problems=tuple(problems),
    )


def _read_member_key(
    element: Mapping[str, Any],
    method: str | None,
    problems: list[Problem],
    refuse: Callable[[str, str], None],
) -> str | None:
    if method is None:
        return None
    if method == "POST":
        if "key" in element:
            refuse("invalid", "key is not taken by POST: the server names the new one.")
        return None
    if "key" not in element:
        refuse("required", f"key is required for {method}.")
        return None
    key, found = read_key(element["key"], pointer=ROOT)
    problems.extend(found)
    return key


def _check_if_match(
    element: Mapping[str, Any], method: str | None, refuse: Callable[[str, str], None]
) -> None:
    if "if_match" not in element:
        return
    if method == "POST":
        refuse("invalid", "if_match is not taken by POST: there is nothing to match.")
    elif not is_entity_tag(element["if_match"]):
        refuse("invalid", 'if_match must be an entity tag such as "5f1c", or *.')


def _check_data(
    element: Mapping[str, Any],
    method: str | None,
    problems: list[Problem],
    refuse: Callable[[str, str], None],
) -> None:
    if "data" in element:
        problems.extend(check_object(element["data"]))
    elif method is not None and method != "DELETE":
        refuse("required", f"data is required for {method}.")


def _list(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}"
