"""Elements of either: their keys, how deep and how many they are (docs/wire.md)."""

from __future__ import annotations

from typing import Any

import pytest

from multistatus_app.exceptions import MalformedBatch, TooManyOperations
from multistatus_app.formats.dav.foreign import refuse_foreign
from multistatus_app.requests.elements import Fields
from tests.requests.reading import batch, bulk, get_problem, nest

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("method", "element", "problem"),
    [
        ("POST", [1], ("Invalid data. Expected an object, but got an array.", "#")),
        ("PUT", None, ("Invalid data. Expected an object, but got null.", "#")),
        ("PATCH", "a", ("Invalid data. Expected an object, but got a string.", "#")),
        ("PATCH", True, ("Invalid data. Expected an object, but got a boolean.", "#")),
        (
            "PATCH",
            {"id": 1.0},
            ("A key must be a string or a whole number, not a number.", "#/id"),
        ),
        (
            "PATCH",
            {"id": {}},
            ("A key must be a string or a whole number, not an object.", "#/id"),
        ),
        (
            "DELETE",
            False,
            ("A key must be a string or a whole number, not a boolean.", "#"),
        ),
        (
            "DELETE",
            {"id": 1},
            ("A key must be a string or a whole number, not an object.", "#"),
        ),
    ],
)
def test_fail_element_of_the_wrong_kind(
    method: str, element: Any, problem: tuple[str, str]
) -> None:
    read = bulk([element, element], method)

    assert [each.index for each in read] == [0, 1]
    assert {get_problem(each) for each in read} == {("invalid", *problem)}
    assert {each.key for each in read} == {None}


@pytest.mark.parametrize(
    ("element", "problem"),
    [
        ({}, ("required", "This field is required: it is the key.", "#/id")),
        ({"id": None}, ("null", "This field may not be null: it is the key.", "#/id")),
    ],
)
def test_fail_without_a_key(element: Any, problem: Any) -> None:
    assert get_problem(bulk([element])[0]) == problem


def test_limit_is_checked_before_anything_else() -> None:
    assert len(bulk([{}] * 3, limit=3)) == 3

    for read in (
        lambda: bulk([0] * 4, limit=3),
        lambda: batch(*[{"ref": "same"}] * 4, limit=3),
    ):
        with pytest.raises(TooManyOperations) as caught:
            read()

        assert str(caught.value) == (
            "The request holds 4 operations, the limit is 3. "
            "Send them in several requests."
        )


def test_depth() -> None:
    assert bulk([{"a": nest(8)}], "POST", max_depth=10)

    with pytest.raises(MalformedBatch) as caught:
        bulk([{"a": nest(9)}], "POST", max_depth=10)

    assert str(caught.value) == (
        "The body nests deeper than 10 levels of arrays and objects."
    )


def test_fail_depth_that_python_cannot_recurse() -> None:
    with pytest.raises(MalformedBatch):
        batch({"data": nest(100_000)})


class TestForeign:
    """Elements of other namespaces, and those of them that have a field's name."""

    FIELDS = Fields({"a": "1"}, foreign=("{urn:x}name", "{urn:y}note"))

    @pytest.mark.parametrize(
        "read",
        [
            lambda data: bulk([data], "POST"),
            lambda data: bulk([Fields({"id": "1"}, foreign=data.foreign)], "PUT"),
            lambda data: batch({"method": "POST", "data": data}),
        ],
    )
    def test_fail_name_of_a_field(self, read: Any) -> None:
        (operation,) = refuse_foreign(read(self.FIELDS), lambda method: {"name"})

        assert type(operation.data) is dict
        assert get_problem(operation) == (
            "invalid",
            '<name> is in the namespace "urn:x"; fields are in '
            '"urn:multistatus:fields", and <m:item> is in "urn:multistatus".',
            "#/name",
        )

    def test_other_names_are_passed_over(self) -> None:
        read = bulk([self.FIELDS], "POST")

        assert refuse_foreign(read, lambda method: {"a"}) == read

    def test_names_are_asked_once_and_only_if_needed(self) -> None:
        asked: list[str] = []

        def get_names(method: str) -> set[str]:
            asked.append(method)
            return set()

        plain = bulk([{"id": 1}], "POST")
        assert refuse_foreign(plain, get_names) == plain
        assert asked == []
        refuse_foreign(bulk([self.FIELDS] * 3, "POST"), get_names)
        assert asked == ["POST"]
