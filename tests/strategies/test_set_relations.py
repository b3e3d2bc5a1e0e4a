"""Related rows in sets: as they are when each operation sees them."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework import serializers
from rest_framework.test import APIClient

from tests.answers import op
from tests.conftest import Serve
from tests.factories import CategoryFactory, ProductFactory
from tests.shop.models import Category, Product
from tests.strategies.comparing import make_categories, make_family, make_view, run

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_foreign_key_shown_by_its_attname(api: APIClient, serve: Serve) -> None:
    """`fields = ["category_id"]` is what DRF allows, and shows as it is."""
    serve(make_view(Product, ["id", "name", "category_id"]))

    def make() -> None:
        ProductFactory(pk=1, category=CategoryFactory(pk=1))
        ProductFactory(pk=2, category_id=1)

    singly, sets = run(
        api, make, op("PATCH", "1", {"name": "x"}), op("PATCH", "2", {"name": "y"})
    )
    assert sets == singly


def test_a_hook_sees_what_earlier_operations_changed_in_a_related_row(
    api: APIClient, serve: Serve
) -> None:
    """The row that a relation found is as it was before the batch."""

    def perform_update(self: Any, serializer: Any) -> None:
        values = serializer.validated_data
        serializer.save(name=f"{values['parent'].name}/{values['name']}")

    view = make_view(Category, ["id", "name", "parent"], perform_update=perform_update)
    serve(view)
    singly, sets = run(
        api,
        make_categories,
        op("PUT", "1", {"name": "x", "parent": 2}),
        op("PUT", "2", {"name": "y", "parent": 1}),
    )
    assert sets == singly


def test_a_nested_row_of_the_same_table(api: APIClient, serve: Serve) -> None:
    """It is shown as it was then, not as later operations left it."""
    meta = type(
        "Meta", (), {"model": Category, "fields": ["id", "name", "parent"], "depth": 1}
    )
    cls = type(
        "NestedSerializer",
        (serializers.ModelSerializer,),
        {"__module__": __name__, "Meta": meta},
    )
    view = make_view(Category, ["id"], serializer_class=cls, bulk_replayable=True)
    serve(view)
    singly, sets = run(
        api,
        make_family,
        op("PATCH", "2", {"name": "child"}),
        op("PATCH", "1", {"name": "parent"}),
    )
    assert sets == singly
