"""Rows that are deleted together."""

from __future__ import annotations

import pytest

from tests.sets.writers.checking import GetWriter, make_products
from tests.shop.models import Category, Parcel, Product

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_a_savepoint")]


def test_delete(get: GetWriter, category: Category) -> None:
    products = make_products(category, 60)
    get(Product).insert(products)

    get(Product).delete([*(each.pk for each in products[1:]), 10**6])

    assert Product.objects.get() == products[0]


def test_delete_keys_of_python(get: GetWriter) -> None:
    parcels = [Parcel(label="x") for _ in range(5)]
    get(Parcel).insert(parcels)

    get(Parcel).delete([each.pk for each in parcels[:-1]])

    assert Parcel.objects.get() == parcels[-1]


def test_delete_nothing(get: GetWriter, category: Category) -> None:
    get(Category).delete([])

    assert Category.objects.exists()
