"""Categories that are found by name, and the router that pins batches."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from multistatus_app.viewsets import BulkModelViewSet
from tests.shop.models import Category

PINNED = "multistatus_app.routers.PinnedRouter"


class ByNameSerializer(serializers.ModelSerializer[Category]):
    """Names the parent by its name."""

    parent = serializers.SlugRelatedField(
        slug_field="name", queryset=Category.objects.all(), required=False
    )

    class Meta:
        model = Category
        fields = ["id", "name", "parent"]


class ByNameViewSet(BulkModelViewSet):
    """Finds relations by names."""

    queryset = Category.objects.all()
    serializer_class = ByNameSerializer


class AskingViewSet(ByNameViewSet):
    """Asks for itself, in a hook."""

    def perform_create(self, serializer: Any) -> None:
        """Refuse more than two."""
        if Category.objects.count() >= 2:
            raise serializers.ValidationError("Enough.")
        serializer.save()
