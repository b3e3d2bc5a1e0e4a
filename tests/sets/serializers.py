"""Serializers of products and places that know few rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rest_framework import serializers
from rest_framework.validators import UniqueTogetherValidator, UniqueValidator

from multistatus_app.sets.lookups import RelatedRows
from multistatus_app.sets.uniques import (
    KnownUniqueTogetherValidator,
    KnownUniqueValidator,
)
from tests.parity.models import Place, Shelf
from tests.sets.comparing import ABSENT, ZOO
from tests.shop.models import Category, Product, Tag


class FewRows(RelatedRows):
    """The rows of a model that are there, by one attribute."""

    def __init__(self, model: Any, name: str) -> None:
        """Fetch them all."""
        self._queryset = model.objects.all()
        self._name = name
        self._found = {getattr(each, name): each for each in self._queryset}

    def get(self, **lookup: Any) -> Any:
        """Ask the database."""
        return self._queryset.get(**lookup)

    def find(self, value: Any) -> Any:
        """Return a row."""
        return self._found.get(value)


class Asking:
    """Asks the database whether a value is free, as what a batch knows would tell."""

    columns = ()

    def __init__(self, queryset: Any, *names: str) -> None:
        """Take the columns."""
        self.queryset, self.names = queryset, names

    def is_free(self, value: Any, instance: Any) -> bool:
        """Ask."""
        values = value if len(self.names) > 1 else (value,)
        found = self.queryset.filter(**dict(zip(self.names, values, strict=True)))
        return not found.exclude(pk=instance and instance.pk).exists()

    def is_taken(self, value: Any, instance: Any) -> bool:
        """Do not tell: DRF asks itself."""
        return False


class ProductSerializer(serializers.ModelSerializer[Product]):
    """Unique, a foreign key, many to many, and one of another name."""

    label = serializers.CharField(source="name")

    class Meta:
        model = Product
        fields = [
            *("id", "sku", "label", "price", "stock"),
            *("category", "tags", "attributes"),
        ]


def make_product_serializer() -> Any:
    """Return a serializer as a batch has it."""
    serializer = ProductSerializer()
    serializer.fields["category"].queryset = FewRows(Category, "pk")
    serializer.fields["tags"].child_relation.queryset = FewRows(Tag, "pk")
    sku = serializer.fields["sku"]
    sku.validators = [
        KnownUniqueValidator(each, Asking(each.queryset, "sku"))  # type: ignore[arg-type]
        if type(each) is UniqueValidator
        else each
        for each in sku.validators
    ]
    return serializer


def get_products(category: Any, tag: Any) -> Iterator[dict[str, Any]]:
    """Yield data, each with one odd value."""
    plain = {
        "sku": "new",
        "label": "Name",
        "price": "1.00",
        "stock": 1,
        "category": category.pk,
        "tags": [tag.pk],
        "attributes": {},
    }
    yield {}
    yield plain
    yield plain | {"id": 5, "name": "x", "unknown": 1}
    for name in plain:
        yield {key: value for key, value in plain.items() if key != name}
        yield {name: plain[name]}
        keys = [True, category.pk, tag.pk, str(category.pk), 1.0 * category.pk, 10**9]
        lists = [[tag.pk] * 2, [str(tag.pk)], [True], [None], [""], (tag.pk,), "", "a"]
        for value in [
            *ZOO,
            *keys,
            *lists,
            "taken",
            " taken ",
            "taken\n",
            " new",
            "own",
        ]:
            yield plain | {name: value}
            yield {name: value}


class PlaceSerializer(serializers.ModelSerializer[Place]):
    """Two columns are unique together, and two more, NULL among them."""

    position = serializers.IntegerField(required=False, allow_null=True)

    class Meta:
        model = Place
        fields = ["id", "shelf", "position", "width", "depth"]
        validators = [
            UniqueTogetherValidator(Place.objects.all(), ["width", "depth"]),
            UniqueTogetherValidator(Place.objects.all(), ["position", "depth"]),
        ]


PlaceSerializer.Meta.validators[1].nulls_distinct = False


def make_place_serializer() -> Any:
    """Return a serializer as a batch has it."""
    serializer = PlaceSerializer()
    serializer.fields["shelf"].queryset = FewRows(Shelf, "pk")
    known: list[Any] = []
    for stock in serializer.validators:
        asking: Any = Asking(Place.objects.all(), *stock.fields)
        asking.columns = [Place._meta.get_field(name) for name in stock.fields]
        known.append(KnownUniqueTogetherValidator(stock, asking, stock.fields))
    serializer.validators = known
    return serializer


def get_places() -> Iterator[dict[str, Any]]:
    """Yield combinations, some of them taken."""
    for position in (ABSENT, None, 1, 7):
        for width in (ABSENT, None, 1, 2, 3, "2"):
            for depth in (ABSENT, None, 1, 2, 3):
                data = {"width": width, "depth": depth, "position": position}
                yield {k: value for k, value in data.items() if value is not ABSENT}


TAKEN = {"width": 2, "depth": 1, "position": 1}
TAKEN_NULL = {"width": 1, "depth": 1, "position": None}
