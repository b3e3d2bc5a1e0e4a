"""Conditional writes at the same time: of those with one tag, one wins."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections
from rest_framework.test import APIClient

from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_statuses, op
from tests.conditional.viewsets import CategoryViewSet, get_tag
from tests.conftest import Serve
from tests.factories import CategoryFactory, ProductFactory
from tests.shop import serializers as shop
from tests.shop.models import Product

pytestmark = pytest.mark.django_db(transaction=True)

needs_row_locks = pytest.mark.skipif(
    not connection.features.has_select_for_update,
    reason="The database has no row locks.",
)


def run_together(count: int, target: Callable[[int], Any]) -> list[Any]:
    """Run a function in threads, each with connections of its own."""
    barrier = threading.Barrier(count)
    answers: list[Any] = [None] * count

    def run(number: int) -> None:
        barrier.wait()
        try:
            answers[number] = target(number)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(each,)) for each in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@needs_row_locks
@pytest.mark.parametrize("route", ["batch", "single"])
def test_of_many_clients_with_one_tag_one_wins(
    api: APIClient, serve: Serve, route: str
) -> None:
    serve(CategoryViewSet)
    for turn in range(5):
        key = CategoryFactory(name=f"first {turn}").pk
        tag = get_tag(api, key)

        def change(number: int, key: Any = key, tag: str = tag) -> int:
            client = APIClient(raise_request_exception=False)
            data = {"name": f"client {key} {number}"}
            if route == "single":
                headers = {"If-Match": tag}
                return client.patch(
                    f"/things/{key}/", data, headers=headers
                ).status_code
            body = batch(op("PATCH", key, data, if_match=tag))
            return get_statuses(client.post("/things/batch/", body))[0]

        assert sorted(run_together(4, change)) == [200, 412, 412, 412]


class ProductViewSet(BulkModelViewSet):
    """Joins another table."""

    queryset = Product.objects.select_related("category")
    serializer_class = shop.ProductSerializer
    bulk_lock = "nowait"


@needs_row_locks
@pytest.mark.parametrize("held", [[1], [0, 2], [0, 1, 2]])
def test_only_a_row_that_is_held_is_locked(
    api: APIClient, serve: Serve, held: list[int]
) -> None:
    serve(ProductViewSet)
    products = ProductFactory.create_batch(3)
    body = [{"id": each.pk, "stock": 5} for each in products]
    holding, done = threading.Event(), threading.Event()

    def hold() -> None:
        from django.db import transaction

        with transaction.atomic():
            keys = [products[each].pk for each in held]
            list(Product.objects.select_for_update().filter(pk__in=keys))
            holding.set()
            done.wait(30)
        connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    holding.wait(30)
    response = api.patch("/things/bulk/", body)
    done.set()
    thread.join()

    expected = [423 if each in held else 200 for each in range(3)]
    assert get_statuses(response) == expected
    locked = response.json()["results"][held[0]]
    assert locked["retry_after"] == 1
    assert locked["error"]["code"] == "locked"
    stocks = Product.objects.order_by("pk").values_list("stock", flat=True)
    assert list(stocks) == [0 if each in held else 5 for each in range(3)]


@needs_row_locks
def test_no_update_is_lost_while_rows_are_waited_for(
    api: APIClient, serve: Serve
) -> None:
    class ViewSet(BulkModelViewSet):
        queryset = Product.objects.all()
        serializer_class = shop.ProductSerializer
        bulk_lock = "wait"

        def perform_update(self, serializer: Any) -> None:
            serializer.save(stock=serializer.instance.stock + 1)

    serve(ViewSet)
    products = ProductFactory.create_batch(3)

    def increment(number: int) -> list[int]:
        client = APIClient(raise_request_exception=False)
        body = [{"id": each.pk, "name": f"by {number}"} for each in products]
        return get_statuses(client.patch("/things/bulk/", body))

    assert run_together(4, increment) == [[200, 200, 200]] * 4
    assert list(Product.objects.values_list("stock", flat=True)) == [4, 4, 4]
