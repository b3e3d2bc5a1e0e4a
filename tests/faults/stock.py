"""Products that others change at a chosen statement of a batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from rest_framework import permissions

from multistatus_app.viewsets import BulkModelViewSet
from tests.shop import serializers as shop
from tests.shop.models import Product

LOCKED = r"^SELECT .*shop_product.* FOR (NO KEY )?UPDATE"
WRITTEN = r"^UPDATE .shop_product. "


class StockViewSet(BulkModelViewSet):
    """Nothing of the project's: written in sets."""

    queryset = Product.objects.order_by("pk")
    serializer_class = shop.ProductSerializer


class HookedViewSet(StockViewSet):
    """A hook that tells others: singly, and never twice."""

    def perform_create(self, serializer: Any) -> None:
        """Save, and send a mail."""
        product = serializer.save()
        mail.send_mail(product.sku, "created", "shop@localhost", ["ann@localhost"])

    def perform_update(self, serializer: Any) -> None:
        """Save, and send a mail."""
        product = serializer.save()
        mail.send_mail(product.sku, "changed", "shop@localhost", ["ann@localhost"])


class IsOpen(permissions.BasePermission):
    """A product that has a stock is nobody's to change."""

    message = "It is closed."

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        """Look at a column."""
        return bool(obj.stock == 0)


class OpenViewSet(StockViewSet):
    """An object permission, which takes part in sets."""

    permission_classes = [IsOpen]
    bulk_replayable = True


KINDS = {"set": StockViewSet, "singly": StockViewSet, "hooked": HookedViewSet}
with_kinds = pytest.mark.parametrize("kind", KINDS)


def change(row: Product, **values: Any) -> Callable[[], None]:
    """Return what changes a row in a transaction of its own."""

    def act() -> None:
        with transaction.atomic():
            Product.objects.filter(pk=row.pk).update(**values)

    return act


def delete(row: Product) -> Callable[[], None]:
    """Return what deletes a row in a transaction of its own."""

    def act() -> None:
        with transaction.atomic():
            Product.objects.filter(pk=row.pk).delete()

    return act


def patch(rows: list[Product], **data: Any) -> list[dict[str, Any]]:
    return [{"id": row.pk, **(data or {"name": "new"})} for row in rows]


def get_rows(*names: str) -> list[Any]:
    return list(Product.objects.order_by("pk").values_list(*names))
