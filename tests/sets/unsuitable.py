"""Viewsets of which sets are not made, and where the reasons are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from multistatus_app.viewsets import BulkModelViewSet
from tests.conftest import Serve
from tests.shop.models import Category, Event, Note
from tests.shop.serializers import EventSerializer

Ask = Callable[..., list[str]]


class NoteSerializer(serializers.ModelSerializer[Note]):
    """Stock."""

    class Meta:
        model = Note
        fields = ["id", "text", "position"]


class EventViewSet(BulkModelViewSet):
    """Stock."""

    queryset = Event.objects.all()
    serializer_class = EventSerializer


class Tracing(QuerySet[Any]):
    """Sees what is asked."""

    def get(self, *args: Any, **kwargs: Any) -> Any:
        return super().get(*args, **kwargs)


def serve_with(serve: Serve, base: Any = BulkModelViewSet, **members: Any) -> None:
    """Serve a viewset."""
    stock = {"queryset": Category.objects.all()} if base is BulkModelViewSet else {}
    serve(type("MadeViewSet", (base,), stock | members))


def by_path(view: Any) -> bool:
    """Whether it is the first one, by its path."""
    return bool(view.request.path.endswith("/1/"))


def by_body(view: Any) -> bool:
    """Whether it is the first one, by the bytes of its body."""
    return b"first" in view.request.body
