"""All targets in one query, and never one that a query of its own would not return."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.shortcuts import get_object_or_404
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_results, get_statuses, op
from tests.conftest import Serve
from tests.factories import CategoryFactory, ProductFactory, TagFactory
from tests.sets.viewsets import make_view
from tests.shop.models import Category, Event, Parcel, Product

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/api/categories/bulk/", "put"),
        ("/api/categories/bulk/", "patch"),
        ("/api/parcels/bulk/", "put"),
        ("/api/parcels/bulk/", "patch"),
        ("/api/parcels/bulk/", "delete"),
    ],
)
def test_one_query_for_all_targets(api: APIClient, method: str, path: str) -> None:
    if "parcels" in path:
        rows: list[Any] = [Parcel.objects.create(label=f"p{i}") for i in range(6)]
        table, field = "shop_parcel", "label"
    else:
        rows, table, field = CategoryFactory.create_batch(6), "shop_category", "name"
    body: list[Any] = [str(each.pk) for each in rows]
    if method != "delete":
        body = [{"id": str(each.pk), field: f"n{i}"} for i, each in enumerate(rows)]

    with CaptureQueriesContext(connection) as queries:
        response = getattr(api, method)(path, body)

    assert get_statuses(response) == [204 if method == "delete" else 200] * 6
    quote = connection.ops.quote_name
    key = f"{quote(table)}.{quote('id')}"
    selects = [each["sql"] for each in queries if each["sql"].startswith("SELECT")]
    fetches = [
        sql
        for sql in selects
        if f" {key} IN (" in sql or f" {key} = ANY(" in sql
        # Whether the order of unique values matters is another question.
        if f".{quote(field)}" in sql and f" AS {quote(field)}" not in sql
    ]
    assert len(fetches) == 1
    singly = [
        sql
        for sql in selects
        if f"WHERE {key} = " in sql and f"{key} = ANY(" not in sql
    ]
    assert singly == []


def test_one_query_by_slug(api: APIClient) -> None:
    products = ProductFactory.create_batch(4)
    body = [{"sku": each.sku, "stock": 7} for each in products]

    with CaptureQueriesContext(connection) as queries:
        response = api.patch("/api/skus/bulk/", body)

    assert get_statuses(response) == [200] * 4
    assert [each["href"] for each in get_results(response)] == [
        f"/api/skus/{each.sku}/" for each in products
    ]
    name = connection.ops.quote_name
    wanted = f"WHERE {name('shop_product')}.{name('sku')} = "
    assert not [
        each for each in queries if wanted in each["sql"] and "LIMIT 21" in each["sql"]
    ]


def test_missing_hostile_and_repeated_keys(api: APIClient) -> None:
    one, two = CategoryFactory.create_batch(2)
    keys = [
        one.pk, "no number", 10**30, -1, "", "a/b", "\0", "1.5", " 0", str(two.pk),
        one.pk,
    ]  # fmt: skip

    response = api.delete("/api/categories/bulk/", keys)

    assert get_statuses(response) == [204, *[404] * 7, 404, 204, 404]
    assert not Category.objects.exists()


def test_uuid_keys_in_every_spelling(api: APIClient) -> None:
    rows = [Parcel.objects.create(label=f"p{i}") for i in range(3)]
    keys = [str(rows[0].pk), rows[1].pk.hex, str(rows[2].pk).upper(), "not a uuid"]

    response = api.delete("/api/parcels/bulk/", keys)

    assert get_statuses(response) == [204, 204, 204, 404]


def test_key_in_another_case(api: APIClient) -> None:
    """Found only where the database's own comparison finds it."""
    ProductFactory(sku="abc")
    ProductFactory(sku="xyz")

    response = api.patch(
        "/api/skus/bulk/", [{"sku": "ABC", "stock": 1}, {"sku": "xyz", "stock": 1}]
    )

    found = Product.objects.filter(sku="ABC").exists()
    assert get_statuses(response) == [200 if found else 404, 200]


def test_lookup_that_folds_case(api: APIClient, serve: Serve) -> None:
    rows = [ProductFactory(sku=name) for name in ("abc", "def")]
    serve(make_view(lookup_field="sku__iexact", lookup_url_kwarg="sku"))

    response = api.delete("/things/bulk/", ["ABC", "Def", "ghi"])

    assert get_statuses(response) == [204, 204, 404]
    assert not Product.objects.filter(pk__in=[each.pk for each in rows]).exists()


def test_lookup_through_a_relation(api: APIClient, serve: Serve) -> None:
    rows = [ProductFactory(category__name=name) for name in ("abc", "def")]
    serve(make_view(lookup_field="category__name", lookup_url_kwarg="name"))

    response = api.delete("/things/bulk/", ["abc", "nobody", "def"])

    assert get_statuses(response) == [204, 404, 204]
    assert not Product.objects.filter(pk__in=[each.pk for each in rows]).exists()


def test_lookup_that_finds_two_fails_as_the_single_endpoint_does(
    api: APIClient, serve: Serve
) -> None:
    for name in ("one", "two", "two"):
        ProductFactory(name=name)
    serve(make_view(lookup_field="name"))

    response = api.delete("/things/bulk/", ["one", "two"])

    assert api.delete("/things/two/").status_code == 500
    assert get_statuses(response) == [204, 500]


def test_row_that_a_join_doubles(api: APIClient, serve: Serve) -> None:
    one, two = ProductFactory.create_batch(2)
    two.tags.set(TagFactory.create_batch(2))
    one.tags.set([TagFactory()])
    serve(make_view(queryset=Product.objects.filter(tags__isnull=False)))

    response = api.delete("/things/bulk/", [one.pk, two.pk])

    assert get_statuses(response) == [204, 500]


def test_targets_are_not_fetched_after_the_operation_wrote(
    api: APIClient, serve: Serve
) -> None:
    """What they look like then may be rolled back with it."""
    one, two = ProductFactory.create_batch(2, stock=1)

    def initial(self: Any, request: Any, *args: Any, **kwargs: Any) -> None:
        BulkModelViewSet.initial(self, request, *args, **kwargs)
        if self.action == "partial_update" and request.data["name"] == "":
            Product.objects.filter(pk=two.pk).update(stock=99)

    serve(make_view(initial=initial))

    response = api.patch(
        "/things/bulk/", [{"id": one.pk, "name": ""}, {"id": two.pk, "name": "two"}]
    )

    assert get_statuses(response) == [400, 200]
    two.refresh_from_db()
    assert (two.name, two.stock) == ("two", 1)


def test_what_get_queryset_notes_on_the_view_is_there_for_each(
    api: APIClient, serve: Serve
) -> None:
    def get_queryset(self: Any) -> Any:
        self.tenant = "acme"
        return Product.objects.all()

    def perform_update(self: Any, serializer: Any) -> None:
        serializer.save(name=f"{serializer.validated_data['name']} of {self.tenant}")

    def perform_destroy(self: Any, instance: Any) -> None:
        Event.objects.create(text=self.tenant)
        instance.delete()

    serve(
        make_view(
            get_queryset=get_queryset,
            perform_update=perform_update,
            perform_destroy=perform_destroy,
        )
    )
    rows = ProductFactory.create_batch(4)

    patched = api.patch(
        "/things/bulk/", [{"id": each.pk, "name": "x"} for each in rows]
    )
    deleted = api.delete("/things/bulk/", [each.pk for each in rows])

    assert get_statuses(patched) == [200] * 4
    assert {each["data"]["name"] for each in get_results(patched)} == {"x of acme"}
    assert get_statuses(deleted) == [204] * 4


@pytest.mark.skipif(
    not connection.features.has_select_for_update,
    reason="The database has no row locks.",
)
def test_what_is_compared_is_locked_whoever_fetches_it(
    api: APIClient, serve: Serve
) -> None:
    def get_object(self: Any) -> Any:
        return get_object_or_404(Product, pk=self.kwargs["pk"])

    serve(make_view(get_object=get_object))
    product = ProductFactory()

    with CaptureQueriesContext(connection) as queries:
        response = api.post(
            "/things/batch/",
            batch(op("PATCH", product.pk, {"name": "new"}, if_match="*")),
        )

    assert get_statuses(response) == [200]
    locks = [each["sql"] for each in queries if "FOR UPDATE" in each["sql"]]
    assert len(locks) == 1
    assert "shop_product" in locks[0]
