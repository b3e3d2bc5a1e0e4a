"""Viewsets of products, and how often they are read."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from multistatus_app.viewsets import BulkModelViewSet
from tests.shop import serializers as shop
from tests.shop.models import Product


def make_view(**members: Any) -> Any:
    """Return a viewset of products."""
    stock = {
        "queryset": Product.objects.all(),
        "serializer_class": shop.ProductSerializer,
    }
    return type("MadeViewSet", (BulkModelViewSet,), stock | members)


def count_reads(queries: CaptureQueriesContext, table: str) -> int:
    """Return how many statements read rows of a table."""
    quoted = connection.ops.quote_name(table)
    return sum(
        each["sql"].startswith("SELECT") and f"FROM {quoted}" in each["sql"]
        for each in queries.captured_queries
    )
