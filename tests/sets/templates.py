"""A viewset of events whose serializer a test chooses."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from multistatus_app.viewsets import BulkModelViewSet
from tests.shop.models import Category


def make_view(serializer: Any, **members: Any) -> Any:
    """Return a viewset of categories with a serializer."""
    return type(
        "MadeViewSet",
        (BulkModelViewSet,),
        {
            "queryset": Category.objects.all(),
            "serializer_class": serializer,
            **members,
        },
    )


class StockSerializer(serializers.ModelSerializer[Category]):
    """Stock."""

    class Meta:
        model = Category
        fields = ["id", "name", "parent"]
