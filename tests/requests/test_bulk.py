"""Bulk requests: an array, and each of its elements (docs/wire.md)."""

from __future__ import annotations

from typing import Any

import pytest

from multistatus_app.exceptions import MalformedBatch
from multistatus_app.outcomes import Operation
from multistatus_app.requests.elements import OddElement
from tests.requests.reading import ODD, PROBLEM, bulk

pytestmark = pytest.mark.once


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
