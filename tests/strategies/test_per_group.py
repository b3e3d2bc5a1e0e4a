"""Groups of operations in one savepoint: the same outcomes, few savepoints."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from rest_framework.exceptions import ValidationError
from rest_framework.test import APIClient

from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import get_results, get_statuses
from tests.conftest import Serve
from tests.shop import serializers as shop
from tests.shop.models import Category, Event

pytestmark = pytest.mark.django_db(transaction=True)

SAID: list[str] = []
LOOKUPS = 1 if connection.vendor == "mysql" else 2
"""Savepoints around the look-up of what triggers there are, and of unique values, whose
text MariaDB compares as Python does not."""


class ReplayableViewSet(BulkModelViewSet):
    """Has hooks that touch only the database."""

    queryset = Category.objects.all()
    serializer_class = shop.CategorySerializer
    bulk_replayable = True

    def perform_create(self, serializer: Any) -> None:
        """Leave a trace, and fail as the name asks for."""
        name = serializer.validated_data["name"]
        if name == "early callback":
            transaction.on_commit(lambda: SAID.append(name))
            raise ValidationError("Too early.")
        category = serializer.save()
        Event.objects.create(text=name)
        transaction.on_commit(lambda: SAID.append(name))
        if name == "late":
            raise ValidationError("Too late.")
        if name == "bug":
            raise RuntimeError(name)
        if name == "orphan":
            Category.objects.filter(pk=category.pk).update(parent_id=999_999)


class SinglyViewSet(ReplayableViewSet):
    """The same, with a savepoint each."""

    bulk_replayable = False


NAMES = [
    "a", "b", "", "late", "a", "c", "bug", "orphan", "early callback", "d", "a", "e",
]  # fmt: skip


def run(api: APIClient, serve: Serve, viewset: type, names: list[str]) -> Any:
    """Run creates and return all that is left of them, but for the keys."""
    SAID.clear()
    serve(viewset)
    response = api.post("/things/bulk/", [{"name": name} for name in names])
    results = [
        {k: v for k, v in each.items() if k not in ("href", "data", "etag")}
        for each in get_results(response)
    ]
    left = (
        results,
        list(Category.objects.order_by("pk").values_list("name", flat=True)),
        list(Event.objects.order_by("pk").values_list("text", flat=True)),
        list(SAID),
    )
    Category.objects.all().delete()
    Event.objects.all().delete()
    return left


def test_outcomes_are_those_of_a_savepoint_each(api: APIClient, serve: Serve) -> None:
    singly = run(api, serve, SinglyViewSet, NAMES)

    assert run(api, serve, ReplayableViewSet, NAMES) == singly
    assert [each["status"] for each in singly[0]] == [
        201, 201, 400, 400, 400, 201, 500, 409, 400, 201, 400, 201,
    ]  # fmt: skip
    assert singly[1:] == (
        ["a", "b", "c", "d", "e"],
        ["a", "b", "c", "d", "e"],
        ["a", "b", "c", "d", "e"],
    )


def count_savepoints(api: APIClient, count: int, *, last: str) -> int:
    names = [f"n{index}" for index in range(count - 1)] + [last]
    with CaptureQueriesContext(connection) as queries:
        api.post("/things/bulk/", [{"name": name} for name in names])
    return sum(query["sql"].startswith("SAVEPOINT") for query in queries)


def test_a_savepoint_for_each_group_of_fifty(api: APIClient, serve: Serve) -> None:
    serve(ReplayableViewSet)

    assert count_savepoints(api, 120, last="last") == 3 + LOOKUPS


def test_what_fails_before_it_wrote_is_not_replayed(
    api: APIClient, serve: Serve
) -> None:
    serve(ReplayableViewSet)

    assert count_savepoints(api, 50, last="") == 1 + LOOKUPS


def test_only_the_group_with_the_failure_is_replayed(
    api: APIClient, serve: Serve
) -> None:
    serve(ReplayableViewSet)

    # The serializer that the failure holds on to is built, and looks up, once more.
    assert count_savepoints(api, 100, last="late") - LOOKUPS in (2 + 50, 2 + 50 + 1)


def test_atomic_undoes_groups(api: APIClient, serve: Serve) -> None:
    serve(ReplayableViewSet)
    body = [{"name": "a"}, {"name": "late"}, {"name": "b"}]

    response = api.post("/things/bulk/?atomic=1", body)

    assert get_statuses(response) == [424, 400, 424]
    assert not Category.objects.exists()
