"""The model holds what can be, and says it as the wire does."""

from __future__ import annotations

import ast
import pickle
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from multistatus_app import outcomes
from multistatus_app.outcomes import (
    ABSENT,
    MultiStatus,
    Operation,
    Outcome,
    Problem,
    Summary,
    get_phrase,
)
from tests.outcomes_strategies import multistatuses

pytestmark = pytest.mark.once

POST = Operation(index=0, method="POST")
PROBLEM = Problem(code="invalid", detail="No.")


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_success(status: int) -> None:
    assert Outcome(operation=POST, status=status).ok


@pytest.mark.parametrize(("status", "problem"), [(200, PROBLEM), (400, None)])
def test_fail_outcome_that_cannot_be(status: int, problem: Problem | None) -> None:
    with pytest.raises(
        ValueError, match="exactly if its status is not a 2xx"
    ) as caught:
        Outcome(operation=POST, status=status, problem=problem)

    assert str(caught.value).endswith(f"got status {status} and problem {problem!r}.")


@pytest.mark.parametrize(
    "value",
    [POST, PROBLEM, Outcome(operation=POST, status=201),
     MultiStatus(outcomes=(), committed=True)],
)  # fmt: skip
def test_values_are_frozen_and_pickle(value: Any) -> None:
    name = type(value).__slots__[0]
    with pytest.raises(FrozenInstanceError):
        setattr(value, name, None)

    assert not hasattr(value, "__dict__")
    assert pickle.loads(pickle.dumps(value)) == value  # noqa: S301 (our own bytes)


def test_absent_is_one_and_false() -> None:
    assert not ABSENT
    assert pickle.loads(pickle.dumps(ABSENT)) is ABSENT  # noqa: S301 (our own bytes)


def test_counts_are_derived() -> None:
    document = MultiStatus(
        outcomes=(
            Outcome(operation=POST, status=201),
            Outcome(operation=POST, status=400, problem=PROBLEM),
            Outcome(operation=POST, status=204),
        ),
        committed=True,
    )

    assert (document.total, document.succeeded, document.failed) == (3, 2, 1)
    assert document.summary == Summary(total=3, succeeded=2, failed=1, committed=True)
    assert document.detail == "2 of 3 operations succeeded."


@pytest.mark.parametrize(
    ("outcome", "document"),
    [
        (
            Outcome(operation=POST, status=201, href="/a/1/", data={"id": 1}),
            {"index": 0, "method": "POST", "status": 201, "href": "/a/1/",
             "data": {"id": 1}},
        ),
        (
            Outcome(operation=Operation(index=3, method="DELETE", ref=""), status=204),
            {"index": 3, "ref": "", "method": "DELETE", "status": 204},
        ),
        (
            Outcome(operation=POST, status=200, data=None),
            {"index": 0, "method": "POST", "status": 200, "data": None},
        ),
        (
            Outcome(
                operation=Operation(index=1, method=None),
                status=400,
                problem=PROBLEM,
                errors=(Problem(code="a", detail="b", pointer="#/c"),),
            ),
            {"index": 1, "status": 400,
             "error": {"status": 400, "title": "Bad Request", "code": "invalid",
                       "detail": "No.",
                       "errors": [{"pointer": "#/c", "code": "a", "detail": "b"}]}},
        ),
        (
            Outcome(operation=POST, status=404, problem=PROBLEM, href="/a/1/"),
            {"index": 0, "method": "POST", "status": 404,
             "error": {"status": 404, "title": "Not Found", "code": "invalid",
                       "detail": "No."}},
        ),
        (
            Outcome(operation=POST, status=429, problem=PROBLEM, href="/a/1/",
                    retry_after=0),
            {"index": 0, "method": "POST", "status": 429, "href": "/a/1/",
             "error": {"status": 429, "title": "Too Many Requests", "code": "invalid",
                       "detail": "No."},
             "retry_after": 0},
        ),
    ],
)  # fmt: skip
def test_document(outcome: Outcome, document: dict[str, Any]) -> None:
    assert outcome.to_dict() == document
    assert list(outcome.to_dict()) == list(document)


@given(multistatuses())
def test_document_is_read_back(document: MultiStatus) -> None:
    again = MultiStatus.from_dict(document.to_dict())

    assert repr(again.to_dict()) == repr(document.to_dict())


def test_without_data() -> None:
    full = MultiStatus(
        outcomes=(
            Outcome(operation=POST, status=201, href="/a/", data={"id": 1}),
            Outcome(operation=POST, status=400, problem=PROBLEM),
        ),
        committed=True,
    )

    minimal = full.without_data().to_dict()

    assert minimal["results"] == [
        {"index": 0, "method": "POST", "status": 201, "href": "/a/"},
        full.to_dict()["results"][1],
    ]
    assert minimal["summary"] == full.to_dict()["summary"]


def test_only_failures() -> None:
    """Only failed results are listed, each with its index; the summary counts all."""
    full = MultiStatus(
        outcomes=(
            Outcome(operation=POST, status=201, data={"id": 1}),
            Outcome(
                operation=Operation(index=1, method="POST"), status=400, problem=PROBLEM
            ),
            Outcome(operation=Operation(index=2, method="DELETE"), status=204),
        ),
        committed=True,
    )

    failed = full.only_failures()

    assert failed.to_dict() == {
        "results": [full.to_dict()["results"][1]],
        "summary": full.to_dict()["summary"],
    }
    assert failed.detail == full.detail == "2 of 3 operations succeeded."
    assert failed.only_failures() == failed
    assert MultiStatus.from_dict(failed.to_dict()).to_dict() == failed.to_dict()


@pytest.mark.parametrize(
    ("status", "phrase"),
    [
        (200, "OK"),
        (413, "Content Too Large"),
        (422, "Unprocessable Content"),
        (424, "Failed Dependency"),
        (299, "Success"),
        (499, "Client Error"),
        (599, "Server Error"),
        (399, "Redirection"),
        (999, "Server Error"),
    ],
)
def test_phrase(status: int, phrase: str) -> None:
    assert get_phrase(status) == phrase


def test_model_is_python_alone() -> None:
    tree = ast.parse(Path(outcomes.__file__).read_text())
    modules = {
        node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
    } | {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }

    assert modules == {
        "__future__",
        "collections.abc",
        "dataclasses",
        "enum",
        "http",
        "typing",
    }
