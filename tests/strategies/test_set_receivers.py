"""Receivers of `pre_save` and `post_save` in sets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import signals
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import get_results, get_statuses
from tests.conftest import Serve
from tests.factories import CategoryFactory, ProductFactory
from tests.shop import serializers as shop
from tests.shop.models import Category, Event, Product

pytestmark = pytest.mark.django_db(transaction=True)

HEARD: list[Any] = []


class ProductViewSet(BulkModelViewSet):
    """Its receivers may run twice."""

    queryset = Product.objects.all()
    serializer_class = shop.ProductSerializer
    bulk_replayable = True


def hear(signal: Any, instance: Product, **kwargs: Any) -> None:
    """Note what is heard, and act on the name."""
    kind = "pre" if signal is signals.pre_save else "post"
    HEARD.append((kind, instance.sku, instance.pk is None, kwargs.get("created")))
    if kind == "pre" and instance.name == "change":
        instance.stock = 7
    if kind == "post" and instance.name == "write":
        Event.objects.create(text=instance.sku)
    if kind == "post" and instance.name == "rename":
        Category.objects.update(name="renamed")
    if kind == "post" and instance.name == "fail":
        raise ValueError("It fails.")
    if kind == "post":
        transaction.on_commit(lambda: HEARD.append(("commit", instance.sku)))


@pytest.fixture(autouse=True)
def heard() -> Iterator[list[Any]]:
    """Connect the receivers."""
    HEARD.clear()
    for signal in (signals.pre_save, signals.post_save):
        signal.connect(hear, sender=Product)
    yield HEARD
    for signal in (signals.pre_save, signals.post_save):
        signal.disconnect(hear, sender=Product)


def make_body(*names: str, category: Category) -> list[dict[str, Any]]:
    return [
        {"sku": f"s{n}", "name": name, "price": "1.00", "category": category.pk}
        for n, name in enumerate(names)
    ]


def count_inserts(queries: CaptureQueriesContext) -> int:
    start = f"INSERT INTO {connection.ops.quote_name('shop_product')}"
    return sum(each["sql"].startswith(start) for each in queries.captured_queries)


@pytest.mark.parametrize("is_quiet", [False, True])
def test_are_called_for_each_row_in_order(
    api: APIClient, serve: Serve, settings: Any, heard: list[Any], is_quiet: bool
) -> None:
    class Viewset(ProductViewSet):
        bulk_replayable = not is_quiet

    if is_quiet:
        settings.MULTISTATUS = {"QUIET_RECEIVERS": [f"{__name__}.hear"]}
    serve(Viewset)
    body = make_body(*"abcdefgh", category=CategoryFactory())

    with CaptureQueriesContext(connection) as queries:
        response = api.post("/things/bulk/", body)

    skus = [each["sku"] for each in body]
    assert get_statuses(response) == [201] * 8
    assert heard == [
        *(("pre", sku, True, None) for sku in skus),
        *(("post", sku, False, True) for sku in skus),
        *(("commit", sku) for sku in skus),
    ]
    if connection.vendor == "postgresql":
        assert count_inserts(queries) == 1


def test_are_called_for_updates(api: APIClient, serve: Serve, heard: list[Any]) -> None:
    serve(ProductViewSet)
    products = ProductFactory.create_batch(6)
    heard.clear()

    response = api.patch(
        "/things/bulk/",
        [
            {"id": each.pk, **({"name": "x"} if n % 2 else {"stock": n})}
            for n, each in enumerate(products)
        ],
    )

    skus = [each.sku for each in products]
    assert get_statuses(response) == [200] * 6
    assert heard == [
        *(("pre", sku, False, None) for sku in skus),
        *(("post", sku, False, False) for sku in skus),
        *(("commit", sku) for sku in skus),
    ]


@pytest.mark.parametrize(
    ("name", "statuses"),
    [
        ("change", [201] * 6),
        ("write", [201] * 6),
        ("fail", [201] * 3 + [500, 201, 201]),
    ],
)
def test_what_no_set_can_do_is_done_one_by_one(
    api: APIClient, serve: Serve, heard: list[Any], name: str, statuses: list[int]
) -> None:
    serve(ProductViewSet)
    body = make_body("a", "b", "c", name, "e", "f", category=CategoryFactory())

    response = api.post("/things/bulk/", body)

    assert get_statuses(response) == statuses
    assert Product.objects.filter(stock=7).count() == (name == "change")
    assert Event.objects.count() == (name == "write")
    committed = [each[1] for each in heard if each[0] == "commit"]
    assert committed == [f"s{n}" for n in range(6) if statuses[n] == 201]


def test_quiet_receivers_of_deletions(
    api: APIClient, serve: Serve, settings: Any, in_sets: list[int]
) -> None:
    def hear_deleted(instance: Product, **kwargs: Any) -> None:
        deleted.append(instance.sku)

    deleted: list[str] = []
    settings.MULTISTATUS = {"QUIET_RECEIVERS": ["*.hear_deleted"]}
    serve(ProductViewSet)
    products = ProductFactory.create_batch(6)
    signals.post_delete.connect(hear_deleted, sender=Product)
    try:
        response = api.delete("/things/bulk/", [each.pk for each in products])
    finally:
        signals.post_delete.disconnect(hear_deleted, sender=Product)

    assert get_statuses(response) == [204] * 6
    assert in_sets == [6]
    assert sorted(deleted) == sorted(each.sku for each in products)


def test_what_a_receiver_changes_is_seen_by_later_operations(
    api: APIClient, serve: Serve
) -> None:
    class Serializer(shop.ProductSerializer):
        """Shows the category's name."""

        def to_representation(self, instance: Any) -> Any:
            return super().to_representation(instance) | {
                "shown": instance.category.name
            }

    class Viewset(ProductViewSet):
        serializer_class = Serializer

    serve(Viewset)
    body = make_body("a", "b", "rename", "d", "e", category=CategoryFactory(name="old"))

    response = api.post("/things/bulk/", body)

    shown = [each["data"]["shown"] for each in get_results(response)]
    assert shown == ["old", "old", "old", "renamed", "renamed"]
