"""Two batches that meet after the first row that each has taken.

Single requests are the referee.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from rest_framework.test import APIClient

from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_statuses, op
from tests.conftest import Serve
from tests.factories import ProductFactory
from tests.faults.injecting import get_quick_deadlocks, meeting, run_together, watching
from tests.faults.stock import LOCKED, WRITTEN, HookedViewSet, StockViewSet, patch
from tests.shop import serializers as shop
from tests.shop.models import Category, Event, Product

pytestmark = pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite has one writer."
)

TAKEN = r"^(INSERT INTO|UPDATE) .shop_|FOR (NO KEY )?UPDATE"
CONFLICT = (
    "Another transaction was changing the same rows, and the database gave this one "
    "up: a deadlock, or a serialization failure. Nothing of the request was kept; send "
    "it again."
)


def test_sets_lock_in_the_order_of_keys(
    api: APIClient, serve: Serve, rows: list[Product]
) -> None:
    """All at once, whatever their order and their columns, before the first write."""
    serve(StockViewSet)
    statements: list[str] = []

    def watch(sql: str, execute: Callable[[], Any]) -> Any:
        statements.append(sql)
        return execute()

    upside_down = [
        {"id": row.pk, name: value}
        for row in reversed(rows)
        for name, value in [("name", "new") if row.pk % 2 else ("price", 2)]
    ]
    with watching(watch):
        changed = api.patch("/things/bulk/", upside_down)
        deleted = api.delete("/things/bulk/", [row.pk for row in reversed(rows)])

    assert get_statuses(changed) == [200] * 6
    assert get_statuses(deleted) == [204] * 6
    found = [sql for sql in statements if re.search(f"{LOCKED}|{WRITTEN}", sql)]
    # An update for each of the two columns.
    is_locking = [bool(re.match(LOCKED, sql)) for sql in found]
    assert is_locking == [True, False, False, True]
    for sql in (found[0], found[-1]):
        # Django 6 names the first column, the key, by its place.
        assert re.search(r"ORDER BY (1|\S+id.) ASC +FOR (NO KEY )?UPDATE$", sql)
    # Others may refer to a row that is changed, not to one that will be gone.
    is_postgresql = connection.vendor == "postgresql"
    assert ("NO KEY" in found[0]) is is_postgresql
    assert "NO KEY" not in found[-1]


def send_upside_down(method: str, data: list[Any]) -> list[Any]:
    """Send the same operations twice at the same time, once from the end."""

    def send(body: Any) -> Callable[[], Any]:
        client = APIClient(raise_request_exception=False)
        path = "/things/batch/" if method == "batch" else "/things/bulk/"
        verb = "post" if method == "batch" else method
        if method == "batch":
            body = batch(*body)
        return lambda: getattr(client, verb)(path, body)

    with get_quick_deadlocks(), meeting(TAKEN):
        return run_together(send(data), send(data[::-1]))


def count_reruns(caplog: pytest.LogCaptureFixture) -> int:
    return sum("is run again" in each.getMessage() for each in caplog.records)


@pytest.mark.parametrize("kind", ["set", "singly"])
@pytest.mark.parametrize("tag", [None, "*"])
def test_updates_in_opposite_order(
    serve_kind: Callable[[str], None],
    rows: list[Product],
    caplog: pytest.LogCaptureFixture,
    kind: str,
    tag: str | None,
) -> None:
    """Sets never wait in a ring; what does, and nobody has heard of, is run again."""
    caplog.set_level(logging.INFO, "multistatus_app")
    serve_kind(kind)
    operations = [
        op("PATCH", row.pk, {"name": "new"}) | ({"if_match": tag} if tag else {})
        for row in rows
    ]

    answers = send_upside_down("batch", operations)

    assert [get_statuses(each) for each in answers] == [[200] * 6] * 2
    assert count_reruns(caplog) == (0 if kind == "set" and not tag else 1)
    assert not [each for each in caplog.records if each.exc_info]


@pytest.mark.parametrize("kind", ["set", "singly"])
def test_new_unique_values_in_opposite_order(
    serve: Serve,
    settings: Any,
    caplog: pytest.LogCaptureFixture,
    kind: str,
) -> None:
    class CategoryViewSet(BulkModelViewSet):
        queryset = Category.objects.order_by("pk")
        serializer_class = shop.CategorySerializer

    caplog.set_level(logging.INFO, "multistatus_app")
    if kind == "singly":
        settings.MULTISTATUS = {"MIN_SET_SIZE": None}
    serve(CategoryViewSet)

    answers = send_upside_down("post", [{"name": f"c{n}"} for n in range(6)])

    statuses = sorted(map(get_statuses, answers))
    assert statuses[0] == [201] * 6
    assert set(statuses[1]) <= {400, 409}
    assert Category.objects.count() == 6
    reruns = count_reruns(caplog)
    assert reruns == 0 if kind == "set" else 1 <= reruns <= 3


def test_who_has_told_others_is_not_run_again(
    serve: Serve, rows: list[Product], caplog: pytest.LogCaptureFixture
) -> None:
    """One of two is a 503 that says so; nobody gets a mail twice."""
    serve(HookedViewSet)

    answers = send_upside_down("patch", patch(rows))

    lost, kept = sorted(answers, key=lambda each: each.status_code == 207)
    assert (lost.status_code, lost.json()) == (503, {"detail": CONFLICT})
    assert lost["Retry-After"] == "1"
    assert get_statuses(kept) == [200] * 6
    sent = [each.subject for each in mail.outbox]
    # What was sent by the one that was undone was sent once, and is sent no more.
    assert all(sent.count(row.sku) <= 2 for row in rows)
    assert len(sent) < 12
    assert [each.getMessage() for each in caplog.records if each.exc_info] == [
        "The database did not complete a bulk request."
    ]


def test_the_rest_after_a_commit_is_run_again_alone(
    serve: Serve, rows: list[Product], settings: Any
) -> None:
    """What has been committed on the way is kept, and not run again."""

    class CommittingViewSet(StockViewSet):
        bulk_commit_every = 3
        bulk_replayable = True

        def perform_update(self, serializer: Any) -> None:
            product = serializer.save()
            Event.objects.create(text=product.sku)

    settings.MULTISTATUS = {"MIN_SET_SIZE": None}
    serve(CommittingViewSet)
    client = APIClient(raise_request_exception=False)
    first = ProductFactory.create_batch(3)

    with get_quick_deadlocks(), meeting(f"{WRITTEN}.* = {rows[0].pk}$"):
        answers = run_together(
            lambda: client.patch("/things/bulk/", patch([*first, *rows[:3]])),
            lambda: client.patch("/things/bulk/", patch(rows[2::-1])),
        )

    assert [set(get_statuses(each)) for each in answers] == [{200}, {200}]
    assert Event.objects.count() == 9
