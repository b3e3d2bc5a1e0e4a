"""The signals: what was rolled back after code of the project had run, and the rest."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connections
from rest_framework import serializers
from rest_framework.test import APIClient

from multistatus_app.signals import processed, undone
from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_statuses, op
from tests.conftest import Serve
from tests.factories import CategoryFactory
from tests.shop import serializers as shop
from tests.shop.models import Category

pytestmark = pytest.mark.django_db


class HookedViewSet(BulkModelViewSet):
    """Refuses what is called odd, after it was saved."""

    queryset = Category.objects.all()
    serializer_class = shop.CategorySerializer

    def perform_create(self, serializer: Any) -> None:
        """Save, then refuse."""
        if serializer.save().name.startswith("odd"):
            raise serializers.ValidationError("Odd.")


class ReplayableViewSet(HookedViewSet):
    """In groups."""

    bulk_replayable = True


Heard = list[tuple[tuple[int, ...], list[str]]]


@pytest.fixture
def heard() -> Iterator[Heard]:
    """Hear what was undone: the indices, and the names of the instances."""
    told: Heard = []

    def hear(
        sender: Any, databases: Any, operations: Any, instances: Any, **_: Any
    ) -> None:
        assert issubclass(sender, BulkModelViewSet)
        assert databases == ("default",)
        told.append(
            (tuple(each.index for each in operations), [str(i) for i in instances])
        )

    undone.connect(hear)
    yield told
    undone.disconnect(hear)


def create(api: APIClient, names: str, query: str = "") -> Any:
    return api.post(f"/things/bulk/{query}", [{"name": each} for each in names.split()])


def test_an_operation_that_failed_after_it_wrote(
    api: APIClient, serve: Serve, heard: Heard
) -> None:
    serve(HookedViewSet)

    response = create(api, "a odd b")

    assert get_statuses(response) == [201, 400, 201]
    assert heard == [((1,), ["odd"])]


def test_one_alone(api: APIClient, serve: Serve, heard: Heard) -> None:
    serve(HookedViewSet)

    assert get_statuses(create(api, "odd")) == [400]
    assert heard == [((0,), ["odd"])]


def test_what_wrote_nothing_was_not_undone(
    api: APIClient, serve: Serve, heard: Heard
) -> None:
    serve(HookedViewSet)

    response = api.post("/things/batch/", batch(op("POST", data={}), op("DELETE", 0)))

    assert get_statuses(response) == [400, 404]
    assert heard == []


@pytest.mark.parametrize("names", ["a b", "a b c d e f"])
def test_a_dry_run(api: APIClient, serve: Serve, heard: Heard, names: str) -> None:
    serve(HookedViewSet)

    create(api, names, "?dry_run=1")

    assert heard == [(tuple(range(len(names.split()))), names.split())]


def test_an_atomic_request_that_failed(
    api: APIClient, serve: Serve, heard: Heard
) -> None:
    serve(HookedViewSet)

    response = create(api, "a odd b", "?atomic=1")

    assert get_statuses(response) == [424, 400, 424]
    assert heard == [((1,), ["odd"]), ((0, 2), ["a", "b"])]


def test_a_group_that_is_replayed(api: APIClient, serve: Serve, heard: Heard) -> None:
    serve(ReplayableViewSet)

    create(api, "a odd b")

    assert heard == [((0, 1, 2), ["a", "odd"]), ((1,), ["odd"])]


@pytest.mark.django_db(transaction=True)
def test_a_commit_that_fails(
    api: APIClient, serve: Serve, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    def commit(self: Any) -> None:
        raise DatabaseError("No.")

    serve(HookedViewSet)
    monkeypatch.setattr(type(connections["default"]), "_commit", commit)

    assert create(api, "a b").status_code == 503
    assert heard == [((0, 1), ["a", "b"])]


def test_a_receiver_that_fails_harms_nobody(
    api: APIClient, serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(**kwargs: Any) -> None:
        raise RuntimeError("Bad luck.")

    serve(HookedViewSet)
    undone.connect(fail)
    try:
        response = create(api, "a odd b")
    finally:
        undone.disconnect(fail)

    assert get_statuses(response) == [201, 400, 201]
    (record,) = caplog.records
    assert (record.levelno, record.name) == (logging.ERROR, "django.dispatch")


def test_processed(api: APIClient, serve: Serve) -> None:
    told = []

    def hear(sender: Any, request: Any, document: Any, **_: Any) -> None:
        summary = (document.total, document.succeeded, document.committed)
        told.append((sender, request.path, summary))

    serve(HookedViewSet)
    CategoryFactory(name="taken")
    processed.connect(hear)
    try:
        create(api, "a taken", "?only_failures=1")
        create(api, "b", "?dry_run=1")
        api.post("/things/bulk/", [])
    finally:
        processed.disconnect(hear)

    assert told == [
        (HookedViewSet, "/things/bulk/", (2, 1, True)),
        (HookedViewSet, "/things/bulk/", (1, 1, False)),
    ]
