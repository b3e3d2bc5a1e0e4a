"""Viewsets of categories with members of a test's own, and routes to them."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from rest_framework.test import APIClient

from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_statuses, op
from tests.conftest import Serve
from tests.factories import CategoryFactory
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


def serve_hook(serve: Serve, hook: Any, **members: Any) -> None:
    """Serve a viewset that calls a function before it saves, or deletes."""

    def perform_create(self: Any, serializer: Any) -> None:
        hook(self)
        serializer.save()

    def perform_destroy(self: Any, instance: Any) -> None:
        hook(self)

    serve(
        make_view(
            perform_create=perform_create, perform_destroy=perform_destroy, **members
        )
    )


def run(api: APIClient) -> None:
    """Run three operations, one of another kind."""
    row = CategoryFactory()
    response = api.post(
        "/things/batch/?color=red",
        batch(
            op("POST", data={"name": "a"}),
            op("POST", data={"name": "b"}),
            op("DELETE", row.pk),
        ),
    )
    assert get_statuses(response) == [201, 201, 204]
