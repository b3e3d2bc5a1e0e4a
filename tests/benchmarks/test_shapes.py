"""Each shape does in one request what its single requests do, in no more statements."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import pytest
from django.db import connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from tests.benchmarks.shape_viewsets import hearing
from tests.benchmarks.shape_works import (
    SHAPES,
    Asked,
    Shape,
    encode,
    get_bulk,
    get_naive,
    get_singles,
    make_asked,
    prepare,
)
from tests.benchmarks.shapes import split_statements

pytestmark = [
    pytest.mark.django_db,
    # Undone rows use up keys on other databases, and catalogues take a statement more.
    pytest.mark.once,
    pytest.mark.urls("tests.benchmarks.shape_urls"),
]

OPERATIONS = 20
WORKS = [(name, work) for name, shape in SHAPES.items() for work in shape.works]

Said = tuple[int, Any]


@pytest.fixture(autouse=True)
def shop() -> Iterator[None]:
    prepare()
    with hearing():
        yield


def send(method: str, url: str, data: Any) -> Any:
    return APIClient().generic(
        method, url, encode(data), content_type="application/json"
    )


def run_singly(shape: Shape, asked: Any) -> list[Said]:
    answers = [send(*each) for each in get_singles(shape, asked)]
    return [
        (answer.status_code, answer.json() if answer.content else None)
        for answer in answers
    ]


def run_at_once(shape: Shape, asked: Any) -> list[Said]:
    answer = send(*get_bulk(shape, asked))
    assert answer.status_code == 207, answer.content
    return [(each["status"], each.get("data")) for each in answer.json()["results"]]


def run_naively(shape: Shape, asked: Any) -> list[Said]:
    answer = send(*get_naive(shape, asked))
    assert answer.status_code == 207, answer.content
    return [(each["status"], each.get("data")) for each in answer.json()]


class Run(NamedTuple):
    """What was said, and left, and the number of statements but those of control."""

    said: list[Said]
    rows: list[Any]
    statements: int


def run(way: Any, shape: Shape, asked: Any) -> Run:
    """Run operations, and undo them."""
    with transaction.atomic():
        with (
            override_settings(MULTISTATUS=shape.settings),
            CaptureQueriesContext(connection) as captured,
        ):
            said = way(shape, asked)
        rows = list(shape.viewset.queryset.model.objects.order_by("pk").values())
        transaction.set_rollback(True)
    return Run(said, rows, split_statements(captured)[0])


def spoil(asked: list[Asked]) -> list[Asked]:
    """Make some impossible: by their values, by each other, by their key."""
    spoilt = list(asked)
    for place in range(2, len(asked), 3):
        each, before = asked[place], asked[place - 1]
        if place % 2:
            spoilt[place] = replace(before, method=each.method)
        elif each.data is not None and place % 4:
            spoilt[place] = replace(each, data=each.data | {"price": "cheap"})
        elif each.key is not None:
            spoilt[place] = replace(each, key=10**6)
        else:
            taken = (before.data or {})["slug"]
            spoilt[place] = replace(each, data=(each.data or {}) | {"slug": taken})
    return spoilt


@pytest.mark.parametrize(("name", "work"), WORKS)
def test_does_the_same(name: str, work: str) -> None:
    shape = SHAPES[name]
    asked = make_asked(shape, work, OPERATIONS)

    singly = run(run_singly, shape, asked)

    assert all(status < 300 for status, _ in singly.said)
    for way in (run_naively, run_at_once):
        other = run(way, shape, asked)
        assert (other.said, other.rows) == (singly.said, singly.rows)


@pytest.mark.parametrize(("name", "work"), WORKS)
def test_refuses_the_same(name: str, work: str) -> None:
    shape = SHAPES[name]
    asked = spoil(make_asked(shape, work, OPERATIONS))

    singly = run(run_singly, shape, asked)

    statuses = [status for status, _ in singly.said]
    assert {status < 300 for status in statuses} == {True, False}
    at_once = run(run_at_once, shape, asked)
    assert [status for status, _ in at_once.said] == statuses
    assert at_once.rows == singly.rows


@pytest.mark.parametrize(
    ("name", "work"),
    WORKS,
)
def test_issues_no_more_statements(name: str, work: str) -> None:
    shape = SHAPES[name]
    asked = make_asked(shape, work, OPERATIONS)

    singly = run(run_singly, shape, asked)

    assert run(run_at_once, shape, asked).statements <= singly.statements
