"""Viewsets of categories that write, and fail late."""

from __future__ import annotations

from typing import Any

from django.core.cache import cache
from rest_framework import serializers
from rest_framework.test import APIClient

from multistatus_app.viewsets import BulkModelViewSet
from tests.shop import serializers as shop
from tests.shop.models import Category


class HookedViewSet(BulkModelViewSet):
    """Refuses what is called odd, after it was saved."""

    queryset = Category.objects.all()
    serializer_class = shop.CategorySerializer

    def perform_create(self, serializer: Any) -> None:
        """Save, then refuse."""
        if serializer.save().name.startswith("odd"):
            raise serializers.ValidationError("Odd.")


class ReplayableViewSet(HookedViewSet):
    """In groups."""

    bulk_replayable = True


class StockViewSet(BulkModelViewSet):
    """Written in sets, with nobody else involved."""

    queryset = Category.objects.all()
    serializer_class = shop.CategorySerializer


class SavingViewSet(StockViewSet):
    """Written in sets, by a hook that is run for each."""

    bulk_replayable = True

    def perform_create(self, serializer: Any) -> None:
        """Count, and save."""
        cache.incr("saved")
        serializer.save()


class BulkHookViewSet(StockViewSet):
    """Writes sets itself."""

    def perform_bulk_create(self, serializer: Any, operations: Any) -> None:
        """Save them, and refuse what is called odd."""
        for each in operations:
            each.instance.save()
        if any(each.instance.name.startswith("odd") for each in operations):
            raise RuntimeError("Odd.")

    def perform_bulk_destroy(self, serializer: Any, operations: Any) -> None:
        """Delete them; Django takes their keys away."""
        for each in operations:
            each.instance.delete()


class RefusingViewSet(StockViewSet):
    """Changes or deletes, then refuses."""

    def perform_update(self, serializer: Any) -> None:
        """Save, then refuse."""
        serializer.save()
        raise serializers.ValidationError("Too late.")

    def perform_destroy(self, instance: Any) -> None:
        """Delete, then refuse."""
        instance.delete()
        raise serializers.ValidationError("Too late.")


class AloneViewSet(HookedViewSet):
    """Each operation by itself."""

    bulk_commit_every = 1


class ChunkedViewSet(HookedViewSet):
    """Commits after two."""

    bulk_commit_every = 2


class RetriedViewSet(HookedViewSet):
    """Is run again, with all its code."""

    bulk_replayable = True
    bulk_retries = 1


def create(api: APIClient, names: str, query: str = "") -> Any:
    return api.post(f"/things/bulk/{query}", [{"name": each} for each in names.split()])
