"""Elements of a request, and the checks that all of them need.

Parsers put an `OddElement` in the place of data they cannot read, so that it is the
problem of one operation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.encoding import iri_to_uri

from multistatus_app.exceptions import MalformedBatch, PathTooLong, TooManyOperations
from multistatus_app.outcomes import ABSENT, Problem

ROOT: Final = "#"
"""The pointer to the data as a whole."""

# In characters: a long path, and the most for the paths in all results.
_LONG_PATH: Final = 500
_MOST_OF_PATHS: Final = 500_000
_JSON_NAMES: Final = {
    dict: "an object",
    list: "an array",
    str: "a string",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    type(None): "null",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OddElement:
    """An element that could not be read."""

    detail: str
    """A sentence for people that says what would have been right."""
    pointer: str
    """The JSON pointer into the operation's data."""
    data: dict[str, Any] = field(default_factory=dict)
    """The fields that could be read."""


class Fields(dict[str, Any]):
    """The fields of an element that also has elements of other namespaces."""

    def __init__(self, fields: dict[str, Any], *, foreign: tuple[str, ...]) -> None:
        """`foreign` are the names of the others, in Clark notation."""
        super().__init__(fields)
        self.foreign = foreign


def get_json_name(value: Any) -> str:
    return _JSON_NAMES.get(type(value), type(value).__name__)


def check_size(elements: Sequence[Any], *, what: str, limit: int) -> None:
    if not elements:
        raise MalformedBatch(f"The {what} is empty; it takes 1 to {limit}.")
    if len(elements) > limit:
        raise TooManyOperations(limit=limit, actual=len(elements))


def check_depth(document: Any, *, max_depth: int) -> None:
    """Refuse a document that nests deeper than `max_depth`. There is no recursion."""
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


def read_data(element: Any) -> tuple[Any, tuple[str, ...], tuple[Problem, ...]]:
    """Return the data of an element, its foreign elements, and the problem with it."""
    if isinstance(element, OddElement):
        odd = Problem(code="invalid", detail=element.detail, pointer=element.pointer)
        return element.data, (), (odd,)
    if isinstance(element, Fields):
        return dict(element), element.foreign, ()
    if isinstance(element, dict):
        return element, (), ()
    detail = f"Invalid data. Expected an object, but got {get_json_name(element)}."
    return element, (), (Problem(code="invalid", detail=detail, pointer=ROOT),)


def read_key(value: Any, *, pointer: str) -> tuple[str | None, tuple[Problem, ...]]:
    """Return the key as text, as in a URL, or the problem with it."""
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
        detail = (
            f"A key must be a string or a whole number, not {get_json_name(value)}."
        )
    return None, (Problem(code=code, detail=detail, pointer=pointer),)


def check_path(path: str, operations: int) -> None:
    """Refuse a long path for many operations, as it is repeated in each result.

    Raises:
        PathTooLong: it would make the answer a multiple of the request.
    """
    length = len(iri_to_uri(path)) + len("amp;") * path.count("&")
    if length > _LONG_PATH and length * operations > _MOST_OF_PATHS:
        raise PathTooLong(length=len(path), operations=operations)
