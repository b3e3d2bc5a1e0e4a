"""Batch requests: an object with operations (docs/wire.md)."""

from __future__ import annotations

from typing import Any

import pytest

from multistatus_app.exceptions import MalformedBatch
from multistatus_app.outcomes import ABSENT, Operation, Problem
from multistatus_app.requests.batch import read_batch
from tests.requests.reading import ODD, PROBLEM, batch

pytestmark = pytest.mark.once

METHODS = "POST, PUT, PATCH and DELETE"


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


def test_fail_odd_data_of_an_operation() -> None:
    assert batch({"method": "PATCH", "key": "7", "ref": "a", "data": ODD}) == [
        Operation(
            index=0, method="PATCH", key="7", ref="a", data=ODD.data, problems=PROBLEM
        )
    ]
