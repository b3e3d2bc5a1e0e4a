"""Rows that others relate to: nobody learns of them what is not told singly."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework import serializers
from rest_framework.test import APIClient
from rest_framework.validators import UniqueValidator

from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import get_details, get_results, get_statuses
from tests.conftest import Serve
from tests.disclosure.probing import ABSENT_KEY, HIDDEN_KEY, SECRET, compare
from tests.factories import CategoryFactory, ProductFactory
from tests.shop.models import Category, Product, Review

pytestmark = pytest.mark.django_db


class SerializerOfOwn(serializers.ModelSerializer[Product]):
    """Refers to the categories that the user may see; a name is unique among them."""

    class Meta:
        model = Product
        fields = ["id", "sku", "name", "price", "category"]

    def get_fields(self) -> Any:
        """Narrow what may be referred to, and compared with."""
        fields: Any = super().get_fields()
        own = Category.objects.exclude(name__startswith="hidden")
        fields["category"].queryset = own
        fields["sku"].validators = [
            UniqueValidator(Product.objects.exclude(name=SECRET))
        ]
        return fields


class Products(BulkModelViewSet):
    """Relations and unique values of some rows alone."""

    queryset = Product.objects.exclude(name=SECRET)
    serializer_class = SerializerOfOwn


@pytest.mark.parametrize("size", [1, 6])
def test_relations_outside_the_queryset_are_as_none(
    client: APIClient, serve: Serve, size: int
) -> None:
    serve(Products)
    category = CategoryFactory(pk=HIDDEN_KEY, name="hidden one")

    def ask(key: Any) -> Any:
        made = [
            {"sku": f"s{n}", "name": "n", "price": 1, "category": key}
            for n in range(size)
        ]
        return client.post("/things/bulk/", made)

    compare(ask, (category.pk, ABSENT_KEY))
    assert not Product.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_unique_values_tell_what_the_single_request_tells(
    client: APIClient, serve: Serve
) -> None:
    """A 409 where the single request is a 500, and no word of whose the value is."""
    serve(Products)
    taken = ProductFactory(name=SECRET, sku="taken")
    data = {
        "sku": "taken", "name": "n", "price": 1, "category": taken.category_id,
    }  # fmt: skip

    single = client.post("/things/", data)
    responses = [
        client.post("/things/bulk/", [data]),
        client.post("/things/bulk/", [data] * 6),
        client.post("/things/bulk/", [data], headers={"Accept": "application/xml"}),
    ]

    assert single.status_code == 500
    for response in responses:
        text = response.content.decode()
        assert "409" in text
        assert SECRET not in text
        assert f"/{taken.pk}/" not in text
        assert taken.category.name not in text


@pytest.mark.parametrize("size", [1, 6])
def test_what_holds_on_to_a_row_is_not_shown(
    client: APIClient, serve: Serve, size: int
) -> None:
    """The kind of the rows that refer to it, neither which nor how many."""
    serve(Products)
    products = ProductFactory.create_batch(size)
    told = []
    for text, count in ((SECRET, 1), ("another", 3)):
        Review.objects.all().delete()
        for product in products:
            for _ in range(count):
                Review.objects.create(product=product, text=text)
        response = client.delete("/things/bulk/", [each.pk for each in products])
        assert get_statuses(response) == [409] * size
        assert {each["error"]["code"] for each in get_results(response)} == {
            "protected"
        }
        told.append(get_details(response))
        xml = client.delete(
            "/things/bulk/",
            [each.pk for each in products],
            headers={"Accept": "application/xml"},
        )
        assert text not in xml.content.decode() + response.content.decode()

    assert told[0] == told[1]
    assert set(told[0]) == {
        "It cannot be deleted, because it is referenced by: review."
    }
