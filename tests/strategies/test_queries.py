"""Sets ask few queries, however many operations they are of."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from rest_framework import serializers
from rest_framework.test import APIClient

from multistatus_app.viewsets import BulkModelViewSet
from tests.conftest import Serve
from tests.factories import ProductFactory, UserFactory
from tests.shop.models import Event, Note, Parcel, Product
from tests.strategies.batches.base import Rows, needs_exact, product
from tests.strategies.counting import COUNTS, count_queries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("largest_sets")]

ONE_BY_ONE = connection.vendor == "postgresql"
"""Whether each of many rows that change a unique value is a statement of its own."""


@needs_exact
class TestQueries:
    """As many for many as for few: foreign keys, unique fields and m2m included."""

    def count(self, api: APIClient, rows: Rows, method: str, build: Any) -> set[int]:
        found = set()
        for count in COUNTS:
            products = [
                ProductFactory(sku=f"old-{count}-{index}", category=rows.categories[0])
                for index in range(count)
            ]
            for each in products[::2]:
                each.tags.set(rows.tags[:2])
            body = [build(count, index, each) for index, each in enumerate(products)]
            found.add(count_queries(api, method, "/api/products/bulk/", body))
        return found

    def get_product(self, rows: Rows, count: int, index: int) -> dict[str, Any]:
        return product(
            f"new-{count}-{index}",
            rows,
            category=rows.categories[index % 3].pk,
            tags=[rows.tags[index % 3].pk, rows.tags[(index + 1) % 3].pk],
        )

    def test_post(self, api: APIClient, rows: Rows, in_sets: list[int]) -> None:
        found = self.count(
            api,
            rows,
            "post",
            lambda count, index, _: self.get_product(rows, count, index),
        )

        assert len(found) == 1
        assert in_sets == list(COUNTS)

    def test_put(self, api: APIClient, rows: Rows, in_sets: list[int]) -> None:
        found = self.count(
            api,
            rows,
            "put",
            lambda count, index, old: {
                "id": old.pk, **self.get_product(rows, count, index)
            },
        )  # fmt: skip

        assert (len(found) > 1) is ONE_BY_ONE
        assert in_sets == list(COUNTS)

    @pytest.mark.parametrize("name", ["stock", "sku", "category", "tags", "same sku"])
    def test_patch(
        self, api: APIClient, rows: Rows, in_sets: list[int], name: str
    ) -> None:
        def build(count: int, index: int, old: Product) -> dict[str, Any]:
            new = self.get_product(rows, count, index)
            values = {"stock": index, "same sku": old.sku}
            value = values[name] if name in values else new[name]
            return {"id": old.pk, name.removeprefix("same "): value}

        found = self.count(api, rows, "patch", build)

        assert (len(found) > 1) is (ONE_BY_ONE and name == "sku")
        assert in_sets == list(COUNTS)

    def test_patch_of_columns_in_turn(self, api: APIClient, rows: Rows) -> None:
        def build(count: int, index: int, old: Product) -> dict[str, Any]:
            values = {"stock": index, "name": f"n{index}", "price": "1.50"}
            names = (["stock"], ["name"], ["stock", "price"])[index % 3]
            return {"id": old.pk, **{name: values[name] for name in names}}

        assert len(self.count(api, rows, "patch", build)) == 1

    def test_delete(self, api: APIClient, rows: Rows, in_sets: list[int]) -> None:
        found = self.count(api, rows, "delete", lambda count, index, old: old.pk)

        assert len(found) == 1
        assert in_sets == list(COUNTS)


@pytest.mark.parametrize("where", ["parcels", "notes", "events"])
@pytest.mark.parametrize("method", ["post", "patch", "delete"])
def test_queries_without_unique_text(
    api: APIClient, serve: Serve, in_sets: list[int], where: str, method: str
) -> None:
    """On each database."""
    model, name = {
        "parcels": (Parcel, "label"), "notes": (Note, "text"), "events": (Event, "text")
    }[where]  # fmt: skip
    owner = UserFactory()

    class Serializer(serializers.ModelSerializer[Any]):
        class Meta:
            fields = ["id", name, *(["owner"] if model is Note else [])]
            read_only_fields = ["id"]

    Serializer.Meta.model = model  # type: ignore[attr-defined]  # of the parameter
    members = {"queryset": model.objects.all(), "serializer_class": Serializer}
    serve(type("MadeViewSet", (BulkModelViewSet,), members))
    given = {"owner": owner} if model is Note else {}
    sent = {"owner": owner.pk} if model is Note else {}
    found = set()

    for count in COUNTS:
        old = [model.objects.create(**{name: "old"}, **given) for _ in range(count)]
        body: list[Any] = [{name: f"new {index}", **sent} for index in range(count)]
        if method == "patch":
            body = [
                {"id": str(row.pk), **new} for row, new in zip(old, body, strict=True)
            ]
        elif method == "delete":
            body = [str(row.pk) for row in old]
        found.add(count_queries(api, method, "/things/bulk/", body))

    assert len(found) == 1
    assert in_sets == list(COUNTS)
