"""Mistakes that are planted in what accepts are found."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from rest_framework import fields, relations
from rest_framework.validators import UniqueTogetherValidator

from multistatus_app.sets import accepting
from multistatus_app.sets.accepting import DOUBT
from multistatus_app.sets.uniques import (
    KnownUniqueTogetherValidator,
    KnownUniqueValidator,
)
from tests.factories import CategoryFactory, ProductFactory, TagFactory
from tests.parity.models import Place
from tests.sets.accepted_fields import FIELDS
from tests.sets.comparing import find_differences, get_datas, make_serializer
from tests.sets.serializers import (
    TAKEN,
    TAKEN_NULL,
    FewRows,
    PlaceSerializer,
    ProductSerializer,
    get_places,
    get_products,
    make_place_serializer,
    make_product_serializer,
)
from tests.shop.models import Category

Mutate = Callable[[Any], Any]


def plant(monkeypatch: pytest.MonkeyPatch, cls: Any, mutate: Mutate) -> None:
    """Accept the values of a class of fields as a mutant does."""
    compose_field = accepting._COMPOSERS[cls]
    monkeypatch.setitem(
        accepting._COMPOSERS, cls, lambda field: mutate(compose_field(field))
    )


def trust_int(accept: Any) -> Any:
    """Accept whatever is an int, bools among them."""
    return lambda value, instance: (
        value if isinstance(value, int) else accept(value, instance)
    )


def trust_decimal(accept: Any) -> Any:
    """Leave the places as they were sent."""

    def mutant(value: Any, instance: Any) -> Any:
        found = accept(value, instance)
        return found if found is DOUBT or found is None else Decimal(str(value))

    return mutant


def trust_null(accept: Any) -> Any:
    """Accept None whether it is allowed or not."""
    return lambda value, instance: value and accept(value, instance)


def trust_text(accept: Any) -> Any:
    """Accept any text."""
    return lambda value, instance: (
        value if type(value) is str else accept(value, instance)
    )


@pytest.mark.parametrize(
    ("name", "cls", "mutate"),
    [
        ("integer", fields.IntegerField, trust_int),
        ("decimal", fields.DecimalField, trust_decimal),
        ("boolean", fields.BooleanField, trust_int),
        ("float", fields.FloatField, trust_int),
        ("json", fields.JSONField, trust_null),
        ("char", fields.CharField, trust_text),
        ("char limited", fields.CharField, trust_text),
        ("email", fields.EmailField, trust_text),
        ("ip", fields.IPAddressField, trust_text),
    ],
)
def test_planted(
    monkeypatch: pytest.MonkeyPatch, name: str, cls: Any, mutate: Mutate
) -> None:
    make, _ = FIELDS[name]
    plant(monkeypatch, cls, mutate)

    wrong, _ = find_differences(make_serializer(make()), get_datas())

    assert wrong != []


@pytest.mark.django_db
def test_planted_untrimmed_lookup(monkeypatch: pytest.MonkeyPatch) -> None:
    ProductFactory(sku="taken")
    datas = list(get_products(CategoryFactory(), TagFactory()))
    serializer = make_product_serializer()
    known = serializer.fields["sku"].validators
    [unique] = [each for each in known if type(each) is KnownUniqueValidator]
    stock = unique.known.is_free
    unique.known.is_free = lambda value, instance: stock(f" {value}", instance)

    wrong, _ = find_differences(serializer, datas, oracle=ProductSerializer())

    assert {each.get("sku") for each in wrong} >= {"taken", " taken "}


@pytest.mark.django_db
def test_planted_relation(monkeypatch: pytest.MonkeyPatch) -> None:
    category = CategoryFactory()
    datas = [{"thing": value} for value in (str(category.pk), 10**9)]
    field = relations.PrimaryKeyRelatedField(queryset=Category.objects.all())
    serializer = make_serializer(field)
    serializer.fields["thing"].queryset = FewRows(Category, "pk")
    monkeypatch.setattr(FewRows, "find", lambda self, value: Category(pk=value))

    wrong, _ = find_differences(serializer, datas)

    assert wrong == datas


def trust_together(self: Any, attrs: Any, instance: Any) -> bool:
    """Accept every combination."""
    return True


def trust_nulls(self: Any, attrs: Any, instance: Any) -> bool:
    """Accept every combination with None."""
    found = tuple(attrs[source] for source in self.sources)
    return None in found or self.known.is_free(found, instance)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("mutant", "planted"), [(trust_together, TAKEN), (trust_nulls, TAKEN_NULL)]
)
def test_planted_together(
    monkeypatch: pytest.MonkeyPatch, mutant: Any, planted: Any
) -> None:
    if not hasattr(UniqueTogetherValidator(None, []), "nulls_distinct"):
        pytest.skip("This DRF takes NULL for distinct, always.")
    Place.objects.create(width=2, depth=1)
    monkeypatch.setattr(KnownUniqueTogetherValidator, "is_free", mutant)

    wrong, _ = find_differences(
        make_place_serializer(), get_places(), oracle=PlaceSerializer()
    )

    assert planted in wrong
