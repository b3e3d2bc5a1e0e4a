"""Pointers of errors: a client may name a member as it likes."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework import exceptions

from multistatus_app import problems
from multistatus_app.problems import messages, to_pointer

pytestmark = pytest.mark.once


def test_a_name_that_is_too_long_is_not_escaped_first() -> None:
    """Each character may become twelve."""
    messages._escape.cache_clear()

    assert to_pointer(("a", "/" * messages.MAX_POINTER)) == "#/a"
    assert messages._escape.cache_info().misses == 0


def test_pointers_in_the_names_of_the_client() -> None:
    def to_camel(path: tuple[str | int, ...]) -> str:
        first, *rest = (str(each).title().replace("_", "") for each in path)
        return "/".join(["#", first[0].lower() + first[1:], *rest])

    detail = {"country_code": ["x"], "lines": [{}, {"sku": ["y"]}]}
    failure = problems.explain(exceptions.ValidationError(detail), to_pointer=to_camel)

    assert failure is not None
    assert [each.pointer for each in failure.errors] == [
        "#/countryCode",
        "#/lines/1/Sku",
    ]
    again = problems.explain_document(400, detail, to_pointer=to_camel)
    assert again.errors == failure.errors


@pytest.mark.parametrize(
    ("token", "pointer"),
    [
        ("a", "#/a"),
        (0, "#/0"),
        ("~1", "#/~01"),
        ("/~", "#/~1~0"),
        ("\ud800", "#/%ED%A0%80"),
        ("$&'()*+,;=:@?!-._", "#/$&'()*+,;=:@?!-._"),
        ("<>^`{|}\\", "#/%3C%3E%5E%60%7B%7C%7D%5C"),
    ],
)
def test_pointer(token: Any, pointer: str) -> None:
    """RFC 6901 3 and 6: escaped, then as a URI fragment (RFC 3986 3.5) can carry it."""
    assert problems.get_pointer("#", token) == pointer
