"""What is told of sets, where code of the project ran."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.db import OperationalError, connections
from rest_framework.test import APIClient

from multistatus_app.signals import undone
from multistatus_app.strategies import refusals
from tests.answers import batch, get_statuses, op
from tests.conftest import Serve
from tests.factories import CategoryFactory
from tests.signals.conftest import Heard
from tests.signals.viewsets import (
    BulkHookViewSet,
    RefusingViewSet,
    SavingViewSet,
    StockViewSet,
    create,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("viewset", [StockViewSet, SavingViewSet, BulkHookViewSet])
def test_sets_tell_where_code_of_the_project_ran(
    api: APIClient, serve: Serve, heard: Heard, viewset: Any
) -> None:
    cache.set("saved", 0)
    serve(viewset)

    create(api, "a b c d e f", "?dry_run=1")

    told = [(tuple(range(6)), list("abcdef"))]
    assert heard == ([] if viewset is StockViewSet else told)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("viewset", [StockViewSet, BulkHookViewSet])
def test_a_hook_that_writes_sets_is_not_run_again(
    api: APIClient, serve: Serve, monkeypatch: pytest.MonkeyPatch, viewset: Any
) -> None:
    tries: list[int] = []

    def commit(self: Any) -> None:
        tries.append(1)
        raise OperationalError("deadlock detected")

    serve(viewset)
    monkeypatch.setattr(type(connections["default"]), "_commit", commit)
    monkeypatch.setattr(refusals, "ends_transaction", lambda exc: True)

    assert create(api, "a b c d e").status_code == 503
    assert (len(tries) > 1) is (viewset is StockViewSet)


def test_a_set_that_its_hook_fails(api: APIClient, serve: Serve, heard: Heard) -> None:
    serve(BulkHookViewSet)

    assert get_statuses(create(api, "a b c odd")) == [201, 201, 201, 201]
    assert heard == [((0, 1, 2, 3), ["a", "b", "c", "odd"])]


@pytest.mark.parametrize("size", [2, 5])
def test_deleted_instances_have_their_keys(
    api: APIClient, serve: Serve, size: int
) -> None:
    told = []

    def hear(instances: Any, **_: Any) -> None:
        told.extend((each.pk, each.name) for each in instances)

    serve(BulkHookViewSet)
    rows = CategoryFactory.create_batch(size)
    undone.connect(hear)
    try:
        response = api.delete("/things/bulk/?dry_run=1", [each.pk for each in rows])
    finally:
        undone.disconnect(hear)

    assert get_statuses(response) == [204] * size
    # Below the size of a set, nothing but Django's own delete() was run.
    assert told == [(each.pk, each.name) for each in rows]


def test_changed_and_deleted_instances(
    api: APIClient, serve: Serve, heard: Heard
) -> None:
    serve(RefusingViewSet)
    rows = CategoryFactory.create_batch(2)

    response = api.post(
        "/things/batch/",
        batch(op("PATCH", rows[0].pk, {"name": "new"}), op("DELETE", rows[1].pk)),
    )

    assert get_statuses(response) == [400, 400]
    assert heard == [((0,), ["new"]), ((1,), [rows[1].name])]
