"""Fields of a template: what changes in one is not seen by the next operation."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework import serializers
from rest_framework.test import APIClient

from tests.answers import get_results, get_statuses
from tests.conftest import Serve
from tests.factories import CategoryFactory
from tests.sets.templates import StockSerializer, make_view
from tests.shop.models import Category, Event, Product

pytestmark = pytest.mark.django_db


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
