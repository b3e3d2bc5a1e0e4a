"""One serializer for a batch, and never one that somebody else can see."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.db import transaction
from rest_framework import serializers
from rest_framework.test import APIClient
from rest_framework.utils import model_meta

from tests.answers import get_results, get_statuses
from tests.conftest import Serve
from tests.factories import CategoryFactory
from tests.sets.templates import StockSerializer, make_view
from tests.shop.models import Category, Event

pytestmark = pytest.mark.django_db

BUILT: Counter[str] = Counter()


def count_builds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count how often DRF itself builds the fields of serializers of categories.

    By what it asks for them: a serializer that was patched is not DRF's any more.
    """
    BUILT.clear()
    stock = model_meta.get_field_info

    def count(model: Any) -> Any:
        BUILT[model.__name__] += 1
        return stock(model)

    monkeypatch.setattr(model_meta, "get_field_info", count)


@pytest.mark.parametrize("method", ["post", "put", "patch"])
def test_one_serializer_for_the_batch(
    api: APIClient, serve: Serve, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    rows = CategoryFactory.create_batch(5)
    serve(make_view(StockSerializer))
    body = [{"id": each.pk, "name": f"new {each.pk}"} for each in rows]
    count_builds(monkeypatch)

    response = getattr(api, method)("/things/bulk/", body)

    assert get_statuses(response) == [201 if method == "post" else 200] * 5
    # One that is looked at, to find out how sets are made: its fields and validators.
    assert BUILT == {"Category": 2}


def test_every_operation_has_its_own_data_and_errors(
    api: APIClient, serve: Serve
) -> None:
    serve(make_view(StockSerializer))
    parent = CategoryFactory(name="parent")

    response = api.post(
        "/things/bulk/",
        [{"name": "a", "parent": parent.pk}, {"name": ""}, {"name": "b"}, {}],
    )

    results = get_results(response)
    assert [each["status"] for each in results] == [201, 400, 201, 400]
    assert results[0]["data"]["parent"] == parent.pk
    assert results[2]["data"]["parent"] is None
    assert [results[place]["error"]["errors"][0]["code"] for place in (1, 3)] == [
        "blank", "required",
    ]  # fmt: skip


def test_serializer_that_was_kept_is_not_lent_again(
    api: APIClient, serve: Serve
) -> None:
    kept: list[Any] = []

    def perform_create(self: Any, serializer: Any) -> None:
        serializer.save()
        kept.append(serializer)

    serve(make_view(StockSerializer, perform_create=perform_create))

    response = api.post("/things/bulk/", [{"name": "a"}, {"name": "b"}, {"name": "c"}])

    assert get_statuses(response) == [201, 201, 201]
    assert [each.instance.name for each in kept] == ["a", "b", "c"]
    assert [each.validated_data["name"] for each in kept] == ["a", "b", "c"]
    assert [each.data["name"] for each in kept] == ["a", "b", "c"]


@pytest.mark.django_db(transaction=True)
def test_serializer_in_an_on_commit_callback(api: APIClient, serve: Serve) -> None:
    seen: list[str] = []

    def perform_create(self: Any, serializer: Any) -> None:
        serializer.save()
        transaction.on_commit(lambda: seen.append(serializer.data["name"]))

    serve(make_view(StockSerializer, perform_create=perform_create))

    response = api.post("/things/bulk/", [{"name": "a"}, {"name": "b"}])

    assert get_statuses(response) == [201, 201]
    assert seen == ["a", "b"]


def test_view_that_was_kept_keeps_its_own(api: APIClient, serve: Serve) -> None:
    kept: list[Any] = []

    def perform_create(self: Any, serializer: Any) -> None:
        serializer.save()
        kept.append(self)

    serve(make_view(StockSerializer, perform_create=perform_create))

    response = api.post("/things/bulk/", [{"name": "a"}, {"name": "b"}])

    assert get_statuses(response) == [201, 201]
    assert [each.request.data["name"] for each in kept] == ["a", "b"]


def test_context_is_that_of_the_operation(api: APIClient, serve: Serve) -> None:
    class ContextSerializer(StockSerializer):
        def validate(self, attrs: Any) -> Any:
            request, view = self.context["request"], self.context["view"]
            Event.objects.create(text=f"{request.data['name']} {view.kwargs}")
            return attrs

    serve(make_view(ContextSerializer))
    one, two = CategoryFactory.create_batch(2)

    api.patch(
        "/things/bulk/", [{"id": each.pk, "name": f"c{each.pk}"} for each in (one, two)]
    )

    assert [each.text for each in Event.objects.order_by("pk")] == [
        f"c{each.pk} {{'pk': '{each.pk}'}}" for each in (one, two)
    ]


def test_serializer_chosen_by_action(api: APIClient, serve: Serve) -> None:
    class NameSerializer(serializers.ModelSerializer[Category]):
        class Meta:
            model = Category
            fields = ["name"]

    def get_serializer_class(self: Any) -> Any:
        return NameSerializer if self.action == "partial_update" else StockSerializer

    serve(make_view(None, get_serializer_class=get_serializer_class))
    row = CategoryFactory()
    body = {
        "operations": [
            {"method": "POST", "data": {"name": "a"}},
            {"method": "PATCH", "key": row.pk, "data": {"name": "b"}},
            {"method": "PUT", "key": row.pk, "data": {"name": "c"}},
        ]
    }

    results = get_results(api.post("/things/batch/", body))

    assert [set(each["data"]) for each in results] == [
        {"id", "name", "parent"}, {"name"}, {"id", "name", "parent"},
    ]  # fmt: skip


def test_second_serializer_of_an_operation_is_its_own(
    api: APIClient, serve: Serve
) -> None:
    """A hook that asks for another one, to answer or to compare with."""
    seen: list[Any] = []

    def perform_create(self: Any, serializer: Any) -> None:
        other = self.get_serializer(data={"name": "other"})
        other.is_valid(raise_exception=True)
        serializer.save()
        seen.append((other is serializer, other.validated_data["name"]))

    serve(make_view(StockSerializer, perform_create=perform_create))

    results = get_results(api.post("/things/bulk/", [{"name": "a"}, {"name": "b"}]))

    assert [each["data"]["name"] for each in results] == ["a", "b"]
    assert seen == [(False, "other"), (False, "other")]
