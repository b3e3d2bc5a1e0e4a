"""One serializer for a batch, and never one that somebody else can see."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.db import transaction
from rest_framework import serializers
from rest_framework.test import APIClient
from rest_framework.utils import model_meta

from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import get_results, get_statuses
from tests.conftest import Serve
from tests.factories import CategoryFactory
from tests.shop.models import Category, Event, Product

pytestmark = pytest.mark.django_db

BUILT: Counter[str] = Counter()


def make_view(serializer: Any, **members: Any) -> Any:
    """Return a viewset of categories with a serializer."""
    return type(
        "MadeViewSet",
        (BulkModelViewSet,),
        {
            "queryset": Category.objects.all(),
            "serializer_class": serializer,
            **members,
        },
    )


class StockSerializer(serializers.ModelSerializer[Category]):
    """Stock."""

    class Meta:
        model = Category
        fields = ["id", "name", "parent"]


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


class DynamicSerializer(StockSerializer):
    """Takes fields away as the query asks, from the documentation of DRF."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Keep the fields that the data calls for."""
        super().__init__(*args, **kwargs)
        data = kwargs.get("data") or {}
        if data.get("name") == "no parent":
            self.fields.pop("parent")


class FieldsSerializer(StockSerializer):
    """Takes fields away in get_fields."""

    def get_fields(self) -> Any:
        """Keep the fields that the data calls for."""
        fields = super().get_fields()
        if self.initial_data.get("name") == "no parent":
            fields.pop("parent")
        return fields


class PoppingSerializer(StockSerializer):
    """Takes a field away while it represents."""

    def to_representation(self, instance: Any) -> Any:
        """Leave the parent out."""
        if instance.name == "no parent":
            self.fields.pop("parent")
        return super().to_representation(instance)


class ReplacingSerializer(StockSerializer):
    """Replaces a field while it represents: a recipe that many projects have."""

    def to_representation(self, instance: Any) -> Any:
        """Nest the parent in the output alone."""
        if instance.name == "no parent":
            self.fields["parent"] = serializers.SerializerMethodField()
            data = super().to_representation(instance)
            del data["parent"]
            return data
        return super().to_representation(instance)

    def get_parent(self, instance: Any) -> None:
        """Say nothing."""


class LooseningSerializer(StockSerializer):
    """Changes a field in place."""

    def to_internal_value(self, data: Any) -> Any:
        """Take the parent away from the output."""
        if data.get("name") == "no parent":
            self.fields["parent"].write_only = True
            self.fields["name"].validators.clear()
        return super().to_internal_value(data)


@pytest.mark.parametrize(
    "serializer",
    [
        DynamicSerializer,
        FieldsSerializer,
        PoppingSerializer,
        ReplacingSerializer,
        LooseningSerializer,
    ],
)
def test_fields_that_change_do_so_for_one_operation(
    api: APIClient, serve: Serve, serializer: Any
) -> None:
    serve(make_view(serializer))
    parent = CategoryFactory(name="parent")
    body = [
        {"name": "a", "parent": parent.pk},
        {"name": "no parent", "parent": parent.pk},
        {"name": "b", "parent": parent.pk},
        {"name": "a", "parent": parent.pk},
    ]

    results = get_results(api.post("/things/bulk/", body))

    assert [each["status"] for each in results] == [201, 201, 201, 400]
    assert "parent" not in results[1]["data"]
    assert results[2]["data"]["parent"] == parent.pk
    assert results[3]["error"]["errors"][0]["code"] == "unique"


class CountingField(serializers.CharField):
    """Keeps state, as a field may for the one request that it lives for."""

    def __init__(self, **kwargs: Any) -> None:
        """Start with none."""
        super().__init__(**kwargs)
        self.seen: list[str] = []
        self.last = ""

    def to_internal_value(self, data: Any) -> str:
        """Remember."""
        value = super().to_internal_value(data)
        self.seen.append(value)
        self.last += value
        return value

    def to_representation(self, value: str) -> str:
        """Tell."""
        return f"{value} {self.seen} {self.last}"


class DefaultSerializer(serializers.ModelSerializer[Product]):
    """Has a default that a hook changes."""

    attributes = serializers.JSONField(default={"size": {"cm": 1}})

    class Meta:
        model = Product
        fields = ["id", "sku", "name", "price", "category", "attributes"]

    def validate(self, attrs: Any) -> Any:
        """Change the default in place."""
        attrs["attributes"]["size"][attrs["name"]] = True
        return attrs


def test_state_of_a_field_is_not_seen_by_the_next_operation(
    api: APIClient, serve: Serve
) -> None:
    class CountingSerializer(StockSerializer):
        name = CountingField()

    serve(make_view(CountingSerializer))

    results = get_results(api.post("/things/bulk/", [{"name": "a"}, {"name": "b"}]))

    assert [each["data"]["name"] for each in results] == ["a ['a'] a", "b ['b'] b"]


def test_default_that_was_changed_is_not_seen_by_the_next_operation(
    api: APIClient, serve: Serve
) -> None:
    serve(make_view(DefaultSerializer, queryset=Product.objects.all()))
    category = CategoryFactory().pk
    body = [
        {"sku": name, "name": name, "price": 1, "category": category} for name in "ab"
    ]

    results = get_results(api.post("/things/bulk/", body))

    assert [each["data"]["attributes"] for each in results] == [
        {"size": {"cm": 1, "a": True}},
        {"size": {"cm": 1, "b": True}},
    ]


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


class WriteOnceField(serializers.CharField):
    """Looks, as it is bound, whether there is something already."""

    def bind(self, field_name: str, parent: Any) -> None:
        """Take no value of what is there."""
        super().bind(field_name, parent)
        if parent.instance is not None:
            self.read_only = True


def test_field_that_looks_at_the_instance_does_so_for_each(
    api: APIClient, serve: Serve
) -> None:
    class WriteOnceSerializer(StockSerializer):
        name = WriteOnceField()

    serve(make_view(WriteOnceSerializer))
    row, other = CategoryFactory(name="first"), CategoryFactory(name="second")
    body = {
        "operations": [
            {"method": "POST", "data": {"name": "new"}},
            {"method": "PATCH", "key": row.pk, "data": {"name": "changed"}},
            {"method": "POST", "data": {"name": "newer"}},
            {"method": "PUT", "key": other.pk, "data": {"name": "changed"}},
        ]
    }

    response = api.post("/things/batch/", body)

    assert get_statuses(response) == [201, 200, 201, 200]
    assert sorted(Category.objects.values_list("name", flat=True)) == [
        "first", "new", "newer", "second",
    ]  # fmt: skip


class OnceField(serializers.CharField):
    """Keeps what it saw in a set."""

    def __init__(self, **kwargs: Any) -> None:
        """Start with none."""
        super().__init__(**kwargs)
        self.seen: set[str] = set()

    def to_internal_value(self, data: Any) -> str:
        """Refuse what was seen."""
        value = super().to_internal_value(data)
        if value in self.seen:
            raise serializers.ValidationError("Seen.")
        self.seen.add(value)
        return value


def test_state_in_a_set_is_not_seen_by_the_next_operation(
    api: APIClient, serve: Serve
) -> None:
    class OnceSerializer(serializers.ModelSerializer[Event]):
        text = OnceField()

        class Meta:
            model = Event
            fields = ["id", "text"]

    serve(make_view(OnceSerializer, queryset=Event.objects.all()))

    response = api.post("/things/bulk/", [{"text": "a"}, {"text": "a"}, {"text": "a"}])

    assert get_statuses(response) == [201, 201, 201]
