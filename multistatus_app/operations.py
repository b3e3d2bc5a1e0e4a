"""Documents → Operations: the shape of a request, and its limits.

A request that is no batch is refused; an element that is no operation is one failed
operation, and the others run.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from multistatus_app import dav
from multistatus_app.elements import Fields, OddElement
from multistatus_app.endpoints import SINGLE_ACTIONS
from multistatus_app.exceptions import MalformedBatch, TooManyOperations, show
from multistatus_app.outcomes import ABSENT, Operation, Problem
from multistatus_app.preconditions import is_entity_tag
from multistatus_app.problems import to_pointer

MEMBERS: Final = ("method", "ref", "key", "if_match", "data")
"""The members of an operation in a batch."""

_ROOT: Final = "#"
_NAMED: Final = 10  # of many unknown members
_JSON_NAMES: Final = {
    dict: "an object",
    list: "an array",
    str: "a string",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    type(None): "null",
}


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
            f"The body must be an array of {wanted}, got {_name(document)}."
        )
    _check_size(document, what=f"array of {wanted}", limit=limit)
    _check_depth(document, max_depth=max_depth)
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
    _check_size(elements, what="array of operations", limit=limit)
    _check_depth(elements, max_depth=max_depth)
    operations = [_read_operation(index, each) for index, each in enumerate(elements)]
    _check_refs(operations)
    return operations


def refuse_foreign(
    operations: list[Operation], get_names: Callable[[str], Collection[str]]
) -> list[Operation]:
    """Give a problem to operations that have a field's name in a foreign namespace.

    `get_names(method)` returns the names of the serializer's fields; it is asked once
    for each method, and only if there is such an element.
    """
    if not any(each.foreign for each in operations):
        return operations
    names: dict[str, Collection[str]] = {}
    refused = []
    for operation in operations:
        method = operation.method
        if operation.foreign and method is not None:
            if method not in names:
                names[method] = get_names(method)
            operation = _refuse_foreign(operation, names[method])
        refused.append(operation)
    return refused


def _refuse_foreign(operation: Operation, names: Collection[str]) -> Operation:
    found = tuple(
        Problem(
            code="invalid",
            detail=dav.describe_misplaced(tag),
            pointer=to_pointer((name,)),
        )
        for tag in operation.foreign
        if (name := dav.unescape_name(tag.rpartition("}")[2])) in names
    )
    return replace(operation, problems=operation.problems + found)


def _name(value: Any) -> str:
    return _JSON_NAMES.get(type(value), type(value).__name__)


def _check_size(elements: Sequence[Any], *, what: str, limit: int) -> None:
    if not elements:
        raise MalformedBatch(f"The {what} is empty; it takes 1 to {limit}.")
    if len(elements) > limit:
        raise TooManyOperations(limit=limit, actual=len(elements))


def _check_depth(document: Any, *, max_depth: int) -> None:
    """Refuse what nests deeper than `max_depth`, without recursion of our own."""
    level: list[Any] = [document]
    for _ in range(max_depth):
        level = [
            child
            for container in level
            for child in (
                container.values() if isinstance(container, dict) else container
            )
            if isinstance(child, dict | list)
        ]
        if not level:
            return
    raise MalformedBatch(
        f"The body nests deeper than {max_depth} levels of arrays and objects."
    )


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


def _read_bulk_create(index: int, element: Any) -> Operation:
    return Operation(
        index=index,
        method="POST",
        data=_get_data(element),
        problems=_check_object(element),
        foreign=getattr(element, "foreign", ()),
    )


def _read_bulk_key(index: int, element: Any) -> Operation:
    if isinstance(element, OddElement):
        return Operation(index=index, method="DELETE", problems=_check_object(element))
    key, problems = _read_key(element, pointer=_ROOT)
    return Operation(index=index, method="DELETE", key=key, problems=problems)


def _read_bulk_update(
    index: int, element: Any, *, method: str, key_name: str, pointer: str
) -> Operation:
    problems = _check_object(element)
    data = _get_data(element)
    key = None
    if isinstance(data, dict):
        key, found = _read_key(data.get(key_name, ABSENT), pointer=pointer)
        problems = problems or found
    return Operation(
        index=index,
        method=method,
        key=key,
        data=data,
        problems=problems,
        foreign=getattr(element, "foreign", ()),
    )


def _check_object(element: Any) -> tuple[Problem, ...]:
    if isinstance(element, dict):
        return ()
    if isinstance(element, OddElement):
        problem = Problem(
            code="invalid", detail=element.detail, pointer=element.pointer
        )
        return (problem,)
    detail = f"Invalid data. Expected an object, but got {_name(element)}."
    return (Problem(code="invalid", detail=detail, pointer=_ROOT),)


def _get_data(element: Any) -> Any:
    """Return the data of an element as plain data."""
    if isinstance(element, OddElement):
        return element.data
    return dict(element) if isinstance(element, Fields) else element


def _read_key(value: Any, *, pointer: str) -> tuple[str | None, tuple[Problem, ...]]:
    """Return the key as a URL would carry it, or why it is none."""
    if isinstance(value, str):
        return value, ()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value), ()
    if value is ABSENT:
        code, detail = "required", "This field is required: it is the key."
    elif value is None:
        code, detail = "null", "This field may not be null: it is the key."
    else:
        code = "invalid"
        detail = f"A key must be a string or a whole number, not {_name(value)}."
    return None, (Problem(code=code, detail=detail, pointer=pointer),)


def _read_operation(index: int, element: Any) -> Operation:
    """Return one operation of a batch, and all that is wrong with it (docs/wire.md)."""
    if not isinstance(element, dict):
        detail = f"An operation must be an object, not {_name(element)}."
        problem = Problem(code="invalid", detail=detail, pointer=_ROOT)
        return Operation(index=index, method=None, problems=(problem,))

    problems: list[Problem] = []

    def refuse(code: str, detail: str) -> None:
        problems.append(Problem(code=code, detail=detail, pointer=_ROOT))

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
        refuse("invalid", f"ref must be a string, not {_name(ref)}.")
    key = _read_member_key(element, known, problems, refuse)
    _check_if_match(element, known, refuse)
    _check_data(element, known, problems, refuse)
    if_match, data = element.get("if_match"), element.get("data", ABSENT)
    return Operation(
        index=index,
        method=known,
        key=key,
        data=_get_data(data),
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
    key, found = _read_key(element["key"], pointer=_ROOT)
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
        problems.extend(_check_object(element["data"]))
    elif method is not None and method != "DELETE":
        refuse("required", f"data is required for {method}.")


def _list(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}"
