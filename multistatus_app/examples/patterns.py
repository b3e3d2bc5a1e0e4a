"""A text that matches a regular expression, for values that a RegexField accepts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from re import _constants as kinds  # type: ignore[attr-defined]  # not in stubs
from re import _parser as parser  # type: ignore[attr-defined]  # not in stubs
from typing import Any, Final

_ALPHABET: Final = "1Aa" + "".join(map(chr, range(33, 127))) + " "


def get_match(pattern: str) -> str | None:
    """Return a text that matches, or None where the pattern is beyond this."""
    try:
        text = _get_text(parser.parse(pattern))
        return text if re.search(pattern, text) else None
    except (KeyError, re.error):
        return None


def _get_text(nodes: Iterable[tuple[Any, Any]]) -> str:
    """Return a text for parsed nodes.

    Raises:
        KeyError: a kind of node that is not known, a set without printable characters.
    """
    return "".join(_WRITERS[kind](value) for kind, value in nodes)


def _get_member(members: list[tuple[Any, Any]]) -> str:
    """Return a printable character of a set."""
    negated = members[0][0] is kinds.NEGATE
    accepted = [_get_test(*member) for member in members[negated:]]
    for each in _ALPHABET:
        if negated != any(test(each) for test in accepted):
            return each
    raise KeyError(members)


def _get_test(kind: Any, value: Any) -> Callable[[str], bool]:
    """Return whether a character belongs to a member of a set."""
    if kind is kinds.RANGE:
        return lambda each: value[0] <= ord(each) <= value[1]
    if kind is kinds.LITERAL:
        return lambda each: ord(each) == value
    return _CATEGORIES[value]


def _is_word(each: str) -> bool:
    return each.isalnum() or each == "_"


_CATEGORIES: Final[dict[Any, Callable[[str], bool]]] = {
    kinds.CATEGORY_DIGIT: str.isdigit,
    kinds.CATEGORY_NOT_DIGIT: lambda each: not each.isdigit(),
    kinds.CATEGORY_SPACE: str.isspace,
    kinds.CATEGORY_NOT_SPACE: lambda each: not each.isspace(),
    kinds.CATEGORY_WORD: _is_word,
    kinds.CATEGORY_NOT_WORD: lambda each: not _is_word(each),
}

_WRITERS: Final[dict[Any, Callable[[Any], str]]] = {
    kinds.AT: lambda _: "",
    kinds.ANY: lambda _: "x",
    kinds.LITERAL: chr,
    kinds.NOT_LITERAL: lambda value: "1" if chr(value) != "1" else "A",
    kinds.IN: _get_member,
    kinds.CATEGORY: lambda value: _get_member([(kinds.CATEGORY, value)]),
    kinds.BRANCH: lambda value: _get_text(value[1][0]),
    kinds.SUBPATTERN: lambda value: _get_text(value[3]),
    kinds.MAX_REPEAT: lambda value: _get_text(value[2]) * _get_count(*value[:2]),
    kinds.MIN_REPEAT: lambda value: _get_text(value[2]) * _get_count(*value[:2]),
    kinds.ASSERT: lambda _: "",
    kinds.ASSERT_NOT: lambda _: "",
}


def _get_count(fewest: int, most: Any) -> int:
    """Return how often a repeated part stands: once where it may."""
    return max(int(fewest), min(1, int(most)))
