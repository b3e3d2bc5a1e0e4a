"""The shape of a request (docs/wire.md)."""

from __future__ import annotations

from typing import Any

import pytest

from multistatus_app.exceptions import MalformedBatch, TooManyOperations
from multistatus_app.formats.dav import refuse_foreign
from multistatus_app.outcomes import ABSENT, Operation, Problem
from multistatus_app.requests.batch import read_batch
from multistatus_app.requests.bulk import read_bulk
from multistatus_app.requests.elements import Fields, OddElement

pytestmark = pytest.mark.once

METHODS = "POST, PUT, PATCH and DELETE"


def bulk(document: Any, method: str = "PATCH", **limits: int) -> list[Operation]:
    """Read a bulk request with the stock limits."""
    limits = {"limit": 1000, "max_depth": 64} | limits
    return read_bulk(document, method=method, key_name="id", **limits)


def batch(*operations: Any, **limits: int) -> list[Operation]:
    """Read a batch with the stock limits."""
    limits = {"limit": 1000, "max_depth": 64} | limits
    return read_batch({"operations": list(operations)}, **limits)


def get_problem(operation: Operation) -> tuple[str, str, str | None]:
    """Return the one problem of an operation."""
    (problem,) = operation.problems
    return problem.code, problem.detail, problem.pointer


def test_success_bulk_of_creates() -> None:
    assert bulk([{"a": 1}, {}], "POST") == [
        Operation(index=0, method="POST", data={"a": 1}),
        Operation(index=1, method="POST", data={}),
    ]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_success_bulk_of_updates_keeps_the_key_in_the_data(method: str) -> None:
    assert bulk([{"id": 7, "a": 1}, {"id": "x"}], method) == [
        Operation(index=0, method=method, key="7", data={"id": 7, "a": 1}),
        Operation(index=1, method=method, key="x", data={"id": "x"}),
    ]


def test_success_bulk_of_deletes() -> None:
    assert bulk([9, "a", ""], "DELETE") == [
        Operation(index=0, method="DELETE", key="9"),
        Operation(index=1, method="DELETE", key="a"),
        Operation(index=2, method="DELETE", key=""),
    ]


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


@pytest.mark.parametrize(
    ("document", "method", "message"),
    [
        ({}, "POST", "The body must be an array of objects, got an object."),
        (None, "PATCH", "The body must be an array of objects, got null."),
        ("a", "DELETE", "The body must be an array of keys, got a string."),
        (7, "DELETE", "The body must be an array of keys, got a number."),
        ([], "PUT", "The array of objects is empty; it takes 1 to 1000."),
        ([], "DELETE", "The array of keys is empty; it takes 1 to 1000."),
    ],
)
def test_fail_body_that_is_no_array(document: Any, method: str, message: str) -> None:
    with pytest.raises(MalformedBatch) as caught:
        bulk(document, method)

    assert str(caught.value) == message


@pytest.mark.parametrize("document", [None, [], {}, {"operations": {}}, "a", 1])
def test_fail_body_without_operations(document: Any) -> None:
    with pytest.raises(MalformedBatch) as caught:
        read_batch(document, limit=5, max_depth=64)

    assert str(caught.value) == (
        'The body must be an object with an array: {"operations": [...]}.'
    )


def test_fail_body_with_more_than_operations() -> None:
    with pytest.raises(MalformedBatch) as caught:
        read_batch({"operations": [{}], "b": 1, "a": 1}, limit=5, max_depth=64)

    assert str(caught.value) == (
        "The body has the unknown member 'a'; it takes operations only."
    )


def test_fail_empty_batch() -> None:
    with pytest.raises(MalformedBatch) as caught:
        batch(limit=5)

    assert str(caught.value) == "The array of operations is empty; it takes 1 to 5."


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


def nest(depth: int) -> Any:
    """Return an array in arrays."""
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


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


def test_success_batch() -> None:
    assert batch(
        {"method": "POST", "ref": "a", "data": {"x": 1}},
        {"method": "PUT", "key": 8, "data": {}, "ref": ""},
        {"method": "PATCH", "key": "k", "data": {}, "if_match": '"5f"'},
        {"method": "DELETE", "key": 9, "if_match": "*"},
        {"method": "DELETE", "key": 9, "data": {"why": "old"}},
    ) == [
        Operation(index=0, method="POST", ref="a", data={"x": 1}),
        Operation(index=1, method="PUT", key="8", data={}, ref=""),
        Operation(index=2, method="PATCH", key="k", data={}, if_match='"5f"'),
        Operation(index=3, method="DELETE", key="9", if_match="*"),
        Operation(index=4, method="DELETE", key="9", data={"why": "old"}),
    ]


@pytest.mark.parametrize(
    ("element", "problems"),
    [
        ({}, [("required", f"method is required: {METHODS}.")]),
        ({"method": "GET"}, [("invalid", f"method must be one of {METHODS}.")]),
        ({"method": "post"}, [("invalid", f"method must be one of {METHODS}.")]),
        ({"method": None}, [("invalid", f"method must be one of {METHODS}.")]),
        ({"method": ["POST"]}, [("invalid", f"method must be one of {METHODS}.")]),
        ({"method": "POST"}, [("required", "data is required for POST.")]),
        (
            {"method": "POST", "key": None, "data": {}},
            [("invalid", "key is not taken by POST: the server names the new one.")],
        ),
        (
            {"method": "POST", "if_match": "*", "data": {}},
            [("invalid", "if_match is not taken by POST: there is nothing to match.")],
        ),
        (
            {"method": "PUT"},
            [
                ("required", "key is required for PUT."),
                ("required", "data is required for PUT."),
            ],
        ),
        ({"method": "DELETE"}, [("required", "key is required for DELETE.")]),
        (
            {"method": "DELETE", "key": None},
            [("null", "This field may not be null: it is the key.")],
        ),
        (
            {"method": "PATCH", "key": 1, "data": []},
            [("invalid", "Invalid data. Expected an object, but got an array.")],
        ),
        (
            {"method": "DELETE", "key": 1, "if_match": "5f"},
            [("invalid", 'if_match must be an entity tag such as "5f1c", or *.')],
        ),
        (
            {"method": "DELETE", "key": 1, "ref": 1},
            [("invalid", "ref must be a string, not a number.")],
        ),
        (
            {"method": "DELETE", "key": 1, "id": 1, "Key": 2},
            [
                (
                    "unknown",
                    f"Unknown member {name!r}; "
                    f"there are method, ref, key, if_match and data.",
                )
                for name in ("id", "Key")
            ],
        ),
        ([], [("invalid", "An operation must be an object, not an array.")]),
        ("POST", [("invalid", "An operation must be an object, not a string.")]),
    ],
)
def test_fail_operation_that_is_none(
    element: Any, problems: list[tuple[str, str]]
) -> None:
    good = {"method": "DELETE", "key": 1}

    first, bad, last = batch(good, element, good)

    assert bad.problems == tuple(
        Problem(code=code, detail=detail, pointer="#") for code, detail in problems
    )
    assert first.problems == last.problems == ()


def test_operation_that_is_none_keeps_its_marks() -> None:
    (read,) = batch({"method": "GET", "ref": "a"})

    assert (read.method, read.ref, read.data) == (None, "a", ABSENT)


def test_fail_ref_twice() -> None:
    delete = {"method": "DELETE", "key": 1}

    with pytest.raises(MalformedBatch) as caught:
        batch({**delete, "ref": "a"}, {**delete, "ref": "b"}, {**delete, "ref": "a"})

    assert str(caught.value) == (
        "The ref 'a' stands at operations 0 and 2; it must be unique in the request."
    )


ODD = OddElement(detail="Odd.", pointer="#/a", data={"id": "7", "b": "1"})
PROBLEM = (Problem(code="invalid", detail="Odd.", pointer="#/a"),)


@pytest.mark.parametrize(
    ("method", "operation"),
    [
        ("POST", Operation(index=1, method="POST", data=ODD.data, problems=PROBLEM)),
        (
            "PATCH",
            Operation(
                index=1, method="PATCH", key="7", data=ODD.data, problems=PROBLEM
            ),
        ),
        ("DELETE", Operation(index=1, method="DELETE", problems=PROBLEM)),
    ],
)
def test_fail_odd_element(method: str, operation: Operation) -> None:
    good: Any = "1" if method == "DELETE" else {"id": "1"}

    first, odd, last = bulk([good, ODD, good], method)

    assert odd == operation
    assert first.problems == last.problems == ()


def test_fail_odd_element_without_a_key() -> None:
    odd = OddElement(detail="Odd.", pointer="#/a")

    (read,) = bulk([odd])

    assert (read.key, read.problems) == (None, PROBLEM)


def test_fail_odd_data_of_an_operation() -> None:
    assert batch({"method": "PATCH", "key": "7", "ref": "a", "data": ODD}) == [
        Operation(
            index=0, method="PATCH", key="7", ref="a", data=ODD.data, problems=PROBLEM
        )
    ]


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
        assert refuse_foreign(plain, get_names) is plain
        assert asked == []
        refuse_foreign(bulk([self.FIELDS] * 3, "POST"), get_names)
        assert asked == ["POST"]
