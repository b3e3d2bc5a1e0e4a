"""Viewsets of categories with members of a test's own, and routes to them."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from multistatus_app.viewsets import BulkModelViewSet
from tests.shop import serializers as shop
from tests.shop.models import Category

SINGLE = ("create", "update", "partial_update", "destroy")
"""The actions of operations."""


def make_view(*bases: Any, **members: Any) -> Any:
    """Return a viewset of categories."""
    stock = {
        "queryset": Category.objects.all(),
        "serializer_class": shop.CategorySerializer,
        "__module__": __name__,
    }
    return type("MadeViewSet", bases or (BulkModelViewSet,), stock | members)


def make_urlconf(*patterns: Any) -> Any:
    """Return a URLconf of patterns."""
    urlconf = ModuleType("urlconf")
    urlconf.urlpatterns = list(patterns)  # type: ignore[attr-defined]
    return urlconf


def get_names() -> list[str]:
    """Return what the categories are called, in the order of their keys."""
    return list(Category.objects.order_by("pk").values_list("name", flat=True))
