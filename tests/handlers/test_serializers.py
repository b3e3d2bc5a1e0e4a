"""Serializers that are cloned from a template: each as new, none shared."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import TextChoices
from rest_framework import serializers
from rest_framework.test import APIClient

from multistatus_app.handlers.serializers import SerializerTemplate, is_cloneable
from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_results, get_statuses, op
from tests.conftest import Serve
from tests.factories import CategoryFactory
from tests.handlers.viewsets import make_view
from tests.shop.models import Category


class Color(TextChoices):
    """An enumeration."""

    RED = "red"


class CategorySerializer(serializers.ModelSerializer[Category]):
    """Has a relation, a list and a choice."""

    parent = serializers.PrimaryKeyRelatedField(
        queryset=Category.objects.order_by("pk"), required=False
    )
    words = serializers.ListField(
        child=serializers.CharField(), write_only=True, required=False
    )

    class Meta:
        model = Category
        fields = ["id", "name", "parent", "words"]


class InnerSerializer(serializers.Serializer[Any]):
    """Is nested."""

    name = serializers.CharField()


class OuterSerializer(serializers.Serializer[Any]):
    """Nests another, once and many times."""

    inner = InnerSerializer()
    more = InnerSerializer(many=True)


class FamilySerializer(serializers.ModelSerializer[Category]):
    """Nests itself, without end."""

    class Meta:
        model = Category
        fields = ["id", "name"]

    def get_fields(self) -> Any:
        """Add itself."""
        fields = super().get_fields()
        fields["children"] = FamilySerializer(many=True, read_only=True)
        return fields


def build(cls: Any) -> Any:
    return SerializerTemplate(cls())


def test_each_has_fields_of_its_own() -> None:
    template = build(CategorySerializer)
    one, two = template.clone({"a": 1}), template.clone({"b": 2})

    one.fields["name"].required = False
    one.fields["name"].validators.append(print)
    one.fields["words"].child.max_length = 1
    del one.fields["parent"]

    assert two.fields["name"].required is True
    assert print not in two.fields["name"].validators
    assert two.fields["words"].child.max_length is None
    assert [*two.fields] == ["id", "name", "parent", "words"]
    assert (one.context, two.context) == ({"a": 1}, {"b": 2})
    for each in (one, two):
        assert {field.parent for field in each.fields.values()} == {each}
        assert each.fields["words"].child.root is each


def test_nested_ones_are_copied_too() -> None:
    template = build(OuterSerializer)
    data = {"inner": {"name": "a"}, "more": [{"name": "b"}, {}]}
    one, two = template.clone({}, data=data), template.clone({}, data=data)

    one.fields["more"].child.fields["name"].required = False

    assert one.is_valid()
    assert not two.is_valid()
    assert [*two.errors] == ["more"]
    assert two.fields["inner"].fields["name"].root is two


@pytest.mark.django_db
def test_arguments_are_those_of_the_class() -> None:
    template = build(CategorySerializer)
    category = CategoryFactory(name="a")

    shown = template.clone({}, category)
    partial = template.clone({}, category, data={}, partial=True)
    fresh = template.clone({}, data={"name": "b"})

    assert shown.data["name"] == "a"
    with pytest.raises(AssertionError, match="no `data=` keyword"):
        shown.is_valid()
    assert partial.is_valid()
    assert fresh.is_valid()
    assert fresh.save().name == "b"


@pytest.mark.django_db
def test_rows_that_one_has_fetched_are_not_those_of_the_next() -> None:
    template = build(CategorySerializer)
    first = template.clone({}).fields["parent"].queryset
    assert list(first) == []
    CategoryFactory()

    assert len(template.clone({}).fields["parent"].queryset) == 1


def test_what_depends_on_what_it_is_given_is_not_cloned() -> None:
    class Choosing(InnerSerializer):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)

    class Field(serializers.CharField):
        def bind(self, field_name: Any, parent: Any) -> None:
            super().bind(field_name, parent)

    class WithField(serializers.Serializer[Any]):
        name = Field()

    class WithDefault(serializers.Serializer[Any]):
        names = serializers.ListField(default=[])

    for cls in (Choosing, WithField, WithDefault, FamilySerializer):
        assert not is_cloneable(cls())
    for cls in (CategorySerializer, OuterSerializer):
        assert is_cloneable(cls())


class NodeSerializer(serializers.ModelSerializer[Category]):
    """Declares itself among its fields, as libraries do; REST framework is lazy."""

    class Meta:
        model = Category
        fields = ["id", "name", "parent"]


class BranchSerializer(NodeSerializer):
    """Nests a class that nests this one."""


NodeSerializer._declared_fields["parent"] = BranchSerializer(read_only=True)
BranchSerializer._declared_fields["parent"] = NodeSerializer(read_only=True)


@pytest.mark.django_db
def test_one_that_has_no_end(api: APIClient, serve: Serve) -> None:
    class NodeViewSet(BulkModelViewSet):
        queryset = Category.objects.all()
        serializer_class = NodeSerializer

    assert not is_cloneable(NodeSerializer())
    serve(NodeViewSet)

    response = api.post("/things/bulk/", [{"name": each} for each in "abcde"])

    assert get_statuses(response) == [201] * 5
    assert get_results(response)[0]["data"]["parent"] is None


class Choices:
    """Asks each time that it is asked."""

    def __init__(self, ask: Any) -> None:
        """Take what lists the choices."""
        self.ask = ask

    def __iter__(self) -> Any:
        """Ask."""
        return iter(self.ask())


@pytest.mark.parametrize(
    "field",
    [
        serializers.ChoiceField(choices=Choices(list)),  # type: ignore[arg-type]
        serializers.MultipleChoiceField(choices=Choices(list)),  # type: ignore[arg-type]
        serializers.FilePathField(path="."),
    ],
)
def test_choices_that_may_change(field: Any) -> None:
    cls = type("Serializer", (serializers.Serializer,), {"field": field})

    assert is_cloneable(cls()) is False


@pytest.mark.parametrize(
    "field",
    [
        serializers.ChoiceField(choices=[1]),
        serializers.ChoiceField([("a", "A")]),
        serializers.ChoiceField(choices=Color),
        serializers.ChoiceField(choices={"a": "A"}),
    ],
)
def test_choices_that_are_fixed(field: Any) -> None:
    cls = type("Serializer", (serializers.Serializer,), {"field": field})

    assert is_cloneable(cls()) is True


@pytest.mark.django_db
def test_choices_that_an_operation_has_added(api: APIClient, serve: Serve) -> None:
    names = Category.objects.values_list("name", flat=True)

    class ChoosingSerializer(serializers.ModelSerializer[Category]):
        of = serializers.ChoiceField(choices=Choices(names.all), write_only=True)  # type: ignore[arg-type]

        class Meta:
            model = Category
            fields = ["id", "name", "of"]

        def create(self, validated_data: Any) -> Any:
            return Category.objects.create(name=validated_data["name"])

    class ViewSet(BulkModelViewSet):
        queryset = Category.objects.all()
        serializer_class = ChoosingSerializer

    CategoryFactory(name="a")
    serve(ViewSet)
    body = [
        {"name": "b", "of": "a"},
        {"name": "c", "of": "b"},
        {"name": "d", "of": "x"},
    ]

    assert get_statuses(api.post("/things/bulk/", body)) == [201, 201, 400]


@pytest.mark.django_db
def test_relations_that_an_operation_has_closed(
    api: APIClient, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    def get_open() -> Any:
        return {
            "pk__in": list(
                Category.objects.filter(name="a").values_list("pk", flat=True)
            )
        }

    remote: Any = Category._meta.get_field("parent").remote_field
    monkeypatch.setattr(remote, "limit_choices_to", get_open)

    class Serializer(serializers.ModelSerializer[Category]):
        class Meta:
            model = Category
            fields = ["id", "name", "parent"]

    class ViewSet(BulkModelViewSet):
        queryset = Category.objects.all()
        serializer_class = Serializer

    parent = CategoryFactory(name="a")
    serve(ViewSet)

    body = batch(
        op("POST", data={"name": "x", "parent": parent.pk}),
        op("PATCH", parent.pk, {"name": "z"}),
        op("POST", data={"name": "y", "parent": parent.pk}),
    )
    response = api.post("/things/batch/", body)

    assert get_statuses(response) == [201, 200, 400]


@pytest.mark.django_db
def test_a_serializer_that_is_asked_for_early(api: APIClient, serve: Serve) -> None:
    """It is not the one that the action validates with."""

    def initial(self: Any, request: Any, *args: Any, **kwargs: Any) -> None:
        BulkModelViewSet.initial(self, request, *args, **kwargs)
        self.get_serializer()
        self.get_serializer(data=request.data)

    serve(make_view(initial=initial))

    response = api.post("/things/bulk/", [{"name": "a"}, {"name": "b"}])

    assert get_statuses(response) == [201, 201]
    for result in response.json()["results"]:
        assert result["href"] == f"/things/{result['data']['id']}/"
        assert result["etag"]
