"""Groups of operations in one savepoint: the same outcomes, few savepoints."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.signals import got_request_exception
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from rest_framework.exceptions import ValidationError
from rest_framework.test import APIClient

from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_results, get_statuses, op
from tests.conftest import Serve
from tests.factories import CategoryFactory, ProductFactory
from tests.shop import serializers as shop
from tests.shop.models import Category, Event, Product

pytestmark = pytest.mark.django_db(transaction=True)

SAID: list[str] = []
LOOKUPS = 2 if connection.vendor == "postgresql" else 1
"""Savepoints around the look-up of what triggers there are, and of unique values."""


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


class TestRolledBackGroup:
    """Nothing that was read in a group which was rolled back is used."""

    def test_targets(self, api: APIClient, serve: Serve) -> None:
        rows = ProductFactory.create_batch(55, category=CategoryFactory())
        last = ProductFactory(stock=0)

        class StockViewSet(BulkModelViewSet):
            queryset = Product.objects.all()
            serializer_class = shop.ProductSerializer
            bulk_replayable = True

            def perform_update(self, serializer: Any) -> None:
                product = serializer.save()
                if product.name == "orphan":
                    Product.objects.filter(pk=last.pk).update(stock=99)
                    Product.objects.filter(pk=product.pk).update(category_id=999_999)

        serve(StockViewSet)
        first, *others = rows
        orphan = {
            "sku": "new", "name": "orphan", "price": "1.00",
            "category": first.category_id,
        }  # fmt: skip

        response = api.post(
            "/things/batch/",
            batch(
                op("PUT", first.pk, orphan),
                *(op("PATCH", each.pk, {"name": "new"}) for each in [*others, last]),
            ),
        )

        assert get_statuses(response) == [409] + [200] * 55
        last.refresh_from_db()
        assert (last.name, last.stock) == ("new", 0)

    def test_related_rows(self, api: APIClient, serve: Serve) -> None:
        class ParentViewSet(BulkModelViewSet):
            queryset = Category.objects.all()
            serializer_class = shop.CategorySerializer
            bulk_replayable = True

            def perform_create(self, serializer: Any) -> None:
                category = serializer.save()
                if category.name == "orphan":
                    Category.objects.create(pk=777_777, name="for now")
                    Category.objects.filter(pk=category.pk).update(parent_id=999_999)

        serve(ParentViewSet)

        response = api.post(
            "/things/bulk/",
            [
                {"name": "orphan"},
                {"name": "a", "parent": 777_777},
                {"name": "b", "parent": 777_777},
            ],
        )

        assert get_statuses(response) == [409, 400, 400]
        assert not Category.objects.exists()


@pytest.mark.parametrize("viewset", [SinglyViewSet, ReplayableViewSet])
def test_an_unexpected_error_is_announced_once(
    api: APIClient, serve: Serve, caplog: pytest.LogCaptureFixture, viewset: Any
) -> None:
    class FailingViewSet(viewset):  # type: ignore[misc]
        def perform_update(self, serializer: Any) -> None:
            raise RuntimeError("before anything is written")

    serve(FailingViewSet)
    row = CategoryFactory()
    announced: list[Any] = []

    def hear(sender: Any, **kwargs: Any) -> None:
        announced.append(sender)

    got_request_exception.connect(hear)
    try:
        response = api.post(
            "/things/batch/",
            batch(
                op("POST", data={"name": "a"}),
                op("PATCH", row.pk, {"name": "b"}),
                op("POST", data={"name": "bug"}),
                op("POST", data={"name": "late"}),
            ),
        )
    finally:
        got_request_exception.disconnect(hear)

    assert get_statuses(response) == [201, 500, 500, 400]
    assert len(announced) == 2
    errors = [each for each in caplog.records if each.name == "multistatus_app"]
    assert [each.getMessage() for each in errors] == [
        "Unexpected error in operation 1 (PATCH) of /things/batch/",
        "Unexpected error in operation 2 (POST) of /things/batch/",
    ]


def test_data_that_a_hook_changed_is_replayed_as_it_came(
    api: APIClient, serve: Serve
) -> None:
    class PoppingViewSet(ReplayableViewSet):
        def create(self, request: Any, *args: Any, **kwargs: Any) -> Any:
            request.data.pop("token")
            request.data["children"].append("more")
            if len(request.data["children"]) != 2:
                raise RuntimeError("Somebody was here.")
            return super().create(request, *args, **kwargs)

    serve(PoppingViewSet)

    response = api.post(
        "/things/bulk/",
        [{"name": name, "token": 1, "children": ["one"]} for name in ("a", "late")],
    )

    assert get_statuses(response) == [201, 400]
