"""Querysets of a project: one query where they allow it, and one for each where not."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework import serializers
from rest_framework.test import APIClient

from tests.answers import get_results, get_statuses
from tests.conftest import Serve
from tests.factories import ProductFactory
from tests.sets.viewsets import make_view
from tests.shop.models import Event, Product

pytestmark = pytest.mark.django_db


class TestQuerysets:
    """A queryset that is not the same for all operations is asked for each."""

    @pytest.fixture
    def rows(self) -> list[Product]:
        """Return two products, of which the first has stock."""
        return [ProductFactory(stock=5), ProductFactory(stock=0)]

    @pytest.mark.parametrize(
        "get_key",
        [
            lambda self: self.kwargs["pk"],
            lambda self: self.kwargs.get("pk"),
            lambda self: dict(self.kwargs)["pk"],
            lambda self: (lambda pk: pk)(**self.kwargs),
            lambda self: next(iter(self.kwargs.values())),
            lambda self: (self.kwargs | {})["pk"],
            lambda self: {**self.kwargs}["pk"],
            lambda self: self.kwargs.setdefault("pk", None),
            lambda self: self.request.data["id"],
            lambda self: self.request.parser_context["kwargs"]["pk"],
        ],
    )
    def test_a_queryset_that_reads_the_key(
        self, api: APIClient, serve: Serve, rows: list[Product], get_key: Any
    ) -> None:
        def get_queryset(self: Any) -> Any:
            if int(get_key(self)) == rows[1].pk:
                return Product.objects.none()
            return Product.objects.all()

        serve(make_view(get_queryset=get_queryset))

        response = api.patch(
            "/things/bulk/", [{"id": each.pk, "name": "x"} for each in rows]
        )

        assert get_statuses(response) == [200, 404]

    def test_a_queryset_that_asks_the_database(
        self, api: APIClient, serve: Serve, rows: list[Product]
    ) -> None:
        def get_queryset(self: Any) -> Any:
            names = list(Event.objects.values_list("text", flat=True))
            return Product.objects.exclude(name__in=names)

        def perform_update(self: Any, serializer: Any) -> None:
            serializer.save()
            Event.objects.create(text=rows[1].name)

        serve(make_view(get_queryset=get_queryset, perform_update=perform_update))

        response = api.patch(
            "/things/bulk/", [{"id": each.pk, "stock": 1} for each in rows]
        )

        assert get_statuses(response) == [200, 404]

    def test_a_queryset_that_raises_does_so_for_each(
        self, api: APIClient, serve: Serve, rows: list[Product]
    ) -> None:
        def get_queryset(self: Any) -> Any:
            raise serializers.ValidationError("Choose a tenant.")

        serve(make_view(get_queryset=get_queryset))

        response = api.delete("/things/bulk/", [each.pk for each in rows])

        assert get_statuses(response) == [400, 400]

    def test_another_get_object(
        self, api: APIClient, serve: Serve, rows: list[Product]
    ) -> None:
        def get_object(self: Any) -> Any:
            return Product.objects.get(sku=self.kwargs["pk"])

        serve(make_view(get_object=get_object))

        response = api.delete("/things/bulk/", [rows[0].sku, rows[1].sku])

        assert get_statuses(response) == [204, 204]

    def test_filters_of_the_query_apply(
        self, api: APIClient, rows: list[Product]
    ) -> None:
        response = api.patch(
            f"/api/products/bulk/?category={rows[0].category_id}",
            [{"id": each.pk, "stock": 1} for each in rows],
        )

        assert get_statuses(response) == [200, 404]

    def test_the_parent_in_the_url_applies(
        self, api: APIClient, rows: list[Product]
    ) -> None:
        response = api.patch(
            f"/nested/categories/{rows[0].category_id}/products/bulk/",
            [{"id": each.pk, "stock": 1} for each in rows],
        )

        assert get_statuses(response) == [200, 404]
        assert get_results(response)[0]["href"] == (
            f"/nested/categories/{rows[0].category_id}/products/{rows[0].pk}/"
        )
