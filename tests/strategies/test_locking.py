"""Rows that are locked: by somebody else, and for the operations to come."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError, connection
from rest_framework.test import APIClient

from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import get_error, get_results, get_statuses
from tests.conftest import Serve
from tests.factories import CategoryFactory
from tests.shop import serializers as shop
from tests.shop.models import Category
from tests.strategies.databases import get_categories, needs_postgresql

pytestmark = pytest.mark.django_db(transaction=True)


class LockingViewSet(BulkModelViewSet):
    """Locks what it changes, and does not wait."""

    queryset = Category.objects.select_for_update(nowait=True)
    serializer_class = shop.CategorySerializer

    def get_queryset(self) -> Any:
        """Lock nothing where nothing is changed."""
        queryset = super().get_queryset()
        return queryset if self.request.method != "POST" else Category.objects.all()


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite locks the file.")
def test_fail_row_that_somebody_else_has_locked(api: APIClient, serve: Serve) -> None:
    serve(LockingViewSet)
    rows = [CategoryFactory(name=name) for name in ("a", "b", "c")]
    other = connection.copy()
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM shop_category WHERE id = %s FOR UPDATE", [rows[1].pk]
            )
        response = api.patch(
            "/things/bulk/", [{"id": each.pk, "name": f"{each.name}!"} for each in rows]
        )
    finally:
        other.rollback()
        other.close()

    assert get_statuses(response) == [200, 423, 200]
    assert get_results(response)[1]["error"] == get_error(
        "locked", "Somebody else is changing it just now.", 423, "Locked"
    )
    assert get_results(response)[1]["retry_after"] == 1
    assert get_categories() == ["a!", "b", "c!"]


@needs_postgresql
@pytest.mark.parametrize(
    "members",
    [
        {"queryset": Category.objects.all(), "bulk_lock": "wait"},
        {"queryset": Category.objects.select_for_update()},
    ],
    ids=["bulk_lock", "select_for_update"],
)
def test_failed_operation_does_not_unlock_what_the_later_ones_change(
    api: APIClient, serve: Serve, members: dict[str, Any]
) -> None:
    """Its savepoint ends the locks that were taken in it."""
    held: list[bool] = []

    class HoldingViewSet(BulkModelViewSet):
        serializer_class = shop.CategorySerializer

        def perform_update(self, serializer: Any) -> None:
            if serializer.validated_data["name"] == "fail":
                raise RuntimeError("late")
            held.append(is_held(serializer.instance.pk))
            serializer.save()

    serve(type("MadeViewSet", (HoldingViewSet,), members))
    rows = CategoryFactory.create_batch(3)
    names = ("fail", "b", "c")

    response = api.patch(
        "/things/bulk/",
        [{"id": row.pk, "name": name} for row, name in zip(rows, names, strict=True)],
    )

    assert get_statuses(response) == [500, 200, 200]
    assert held == [True, True]


def is_held(pk: int) -> bool:
    """Whether another connection finds a row locked."""
    other = connection.copy()
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM shop_category WHERE id = %s FOR UPDATE NOWAIT", [pk]
            )
    except OperationalError:
        return True
    finally:
        other.rollback()
        other.close()
    return False
