"""Others between what is decided of a row and what is written of it.

A second connection acts at a chosen statement of a batch; single requests are the
referee.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import connection
from rest_framework.test import APIClient

from tests.answers import batch, get_results, get_statuses, op
from tests.conftest import Serve
from tests.faults.injecting import before
from tests.faults.stock import (
    LOCKED,
    WRITTEN,
    OpenViewSet,
    StockViewSet,
    change,
    delete,
    get_rows,
    patch,
    with_kinds,
)
from tests.shop.models import Product

pytestmark = pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite has one writer."
)


def test_deleted_while_a_set_is_decided(
    api: APIClient, serve: Serve, rows: list[Product]
) -> None:
    serve(StockViewSet)

    with before(LOCKED, delete(rows[2])) as statements:
        response = api.patch("/things/bulk/", patch(rows))

    assert get_statuses(response) == [200, 200, 404, 200, 200, 200]
    missing = api.patch("/things/999999/", {"name": "new"})
    assert get_results(response)[2]["error"]["detail"] == missing.json()["detail"]
    assert get_rows("name") == [("new",)] * 5
    # Two sets, beside the one that was read by itself.
    assert sum(bool(re.match(WRITTEN, sql)) for sql in statements) == 2


def test_deleted_while_a_set_of_deletes_is_decided(
    api: APIClient, serve: Serve, rows: list[Product]
) -> None:
    serve(StockViewSet)

    with before(LOCKED, delete(rows[0])):
        response = api.delete("/things/bulk/", [row.pk for row in rows[:5]])

    assert get_statuses(response) == [404, 204, 204, 204, 204]
    assert get_rows("pk") == [(rows[5].pk,)]


def test_changed_while_a_set_is_decided(
    api: APIClient, serve: Serve, rows: list[Product]
) -> None:
    """What others wrote stays, and is what the answer and its tag show."""
    serve(StockViewSet)

    with before(LOCKED, change(rows[2], price=9)):
        response = api.patch("/things/bulk/", patch(rows))

    assert get_statuses(response) == [200] * 6
    assert get_rows("name", "price")[2] == ("new", 9)
    assert get_rows("name") == [("new",)] * 6
    for result, row in zip(get_results(response), rows, strict=True):
        shown = api.get(f"/things/{row.pk}/")
        assert result["data"] == shown.json()
    operation = op("PATCH", rows[2].pk, {"name": "newer"})
    tag = get_results(response)[2].get("etag")
    if tag is not None:
        matched = api.post("/things/batch/", batch(operation | {"if_match": tag}))
        assert get_statuses(matched) == [200]


def test_the_same_column_is_of_the_last(
    api: APIClient, serve: Serve, rows: list[Product]
) -> None:
    """As of two single requests."""
    serve(StockViewSet)

    with before(LOCKED, change(rows[2], name="other")):
        response = api.patch("/things/bulk/", patch(rows))

    assert get_statuses(response) == [200] * 6
    assert get_rows("name") == [("new",)] * 6


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_what_was_decided_by_a_row_is_decided_again(
    api: APIClient, serve: Serve, rows: list[Product], method: str
) -> None:
    serve(OpenViewSet)
    data = patch(rows) if method == "patch" else [row.pk for row in rows]

    with before(LOCKED, change(rows[2], stock=1)):
        response = getattr(api, method)("/things/bulk/", data)

    done = 200 if method == "patch" else 204
    assert get_statuses(response) == [done, done, 403, done, done, done]
    assert Product.objects.get(stock=1).name == "old"


def test_a_name_that_a_changed_row_did_not_free(
    api: APIClient, serve: Serve, rows: list[Product]
) -> None:
    """What comes after it is decided by what it came to."""
    serve(OpenViewSet)
    made = {
        "sku": rows[0].sku, "name": "b", "price": 1, "category": rows[0].category_id,
    }  # fmt: skip
    operations = [
        *(op("PATCH", row.pk, {"name": "new"}) for row in rows[3:]),
        op("PATCH", rows[0].pk, {"sku": "freed"}),
        op("POST", data=made),
        op("PATCH", rows[1].pk, {"name": "new"}),
    ]  # fmt: skip

    with before(LOCKED, change(rows[0], stock=1)):
        response = api.post("/things/batch/", batch(*operations))

    assert get_statuses(response) == [200, 200, 200, 403, 400, 200]


@with_kinds
def test_the_window_is_that_of_an_operation(
    api: APIClient,
    serve_kind: Callable[[str], None],
    rows: list[Product],
    kind: str,
) -> None:
    """Others change and delete rows when the batch has begun, before their turn."""
    serve_kind(kind)

    def act() -> None:
        change(rows[4], price=9)()
        delete(rows[5])()

    first = LOCKED if kind == "set" else WRITTEN
    with before(first, act):
        response = api.patch("/things/bulk/", patch(rows))

    assert get_statuses(response) == [200, 200, 200, 200, 200, 404]
    assert get_rows("name", "price") == [("new", 1)] * 4 + [("new", 9)]


@pytest.mark.parametrize("kind", ["singly", "hooked"])
def test_within_the_window_it_is_as_singly(
    api: APIClient,
    serve_kind: Callable[[str], None],
    rows: list[Product],
    kind: str,
) -> None:
    """Django's `save()` writes every column, and inserts what is gone."""
    serve_kind(kind)
    kept = []
    for row, send in (
        (rows[0], lambda: api.patch(f"/things/{rows[0].pk}/", {"name": "new"})),
        (rows[1], lambda: api.patch("/things/bulk/", patch(rows[1:3]))),
    ):
        with before(WRITTEN, change(row, price=9)):
            send()
        kept.append(Product.objects.get(pk=row.pk).price)
    for row, send in (
        (rows[3], lambda: api.patch(f"/things/{rows[3].pk}/", {"name": "new"})),
        (rows[4], lambda: api.patch("/things/bulk/", patch(rows[4:]))),
    ):
        with before(WRITTEN, delete(row)):
            send()
        kept.append(Product.objects.filter(pk=row.pk).exists())

    assert kept == [1, 1, True, True]
