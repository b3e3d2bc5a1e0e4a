"""Viewsets with entity tags."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.test import APIClient

from multistatus_app.conditional import ETagMixin
from multistatus_app.viewsets import BulkModelViewSet
from tests.shop import serializers as shop
from tests.shop.models import Category


class CategoryViewSet(ETagMixin, BulkModelViewSet):
    """Stock, with tags."""

    queryset = Category.objects.all()
    serializer_class = shop.CategorySerializer


class DetailedSerializer(shop.CategorySerializer):
    """What the GET shows and the PUT does not."""

    size = serializers.SerializerMethodField()

    def get_size(self, category: Category) -> int:
        """Return a number."""
        return len(category.name)

    class Meta(shop.CategorySerializer.Meta):
        fields = [*shop.CategorySerializer.Meta.fields, "size"]


class ByActionViewSet(CategoryViewSet):
    """Represents by action."""

    def get_serializer_class(self) -> Any:
        """Choose."""
        reading = self.action in ("list", "retrieve")
        return DetailedSerializer if reading else shop.CategorySerializer


class VersionedViewSet(CategoryViewSet):
    """Has its own, cheap tag, and actions of its own."""

    def get_etag(self, instance: Category) -> str:
        """Return the name as a version."""
        return f'"v-{instance.name}"'

    def update(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Override the action."""
        return super().update(request, *args, **kwargs)


VIEWSETS = [CategoryViewSet, ByActionViewSet, VersionedViewSet]


def get_tag(api: APIClient, key: Any) -> str:
    response = api.get(f"/things/{key}/")
    assert response.status_code == 200
    return str(response["ETag"])
