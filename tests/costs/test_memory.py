"""Nothing that a request needed stays."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIRequestFactory

from multistatus_app.viewsets import BulkModelViewSet
from tests.shop.models import Event
from tests.shop.serializers import EventSerializer

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.once,
    pytest.mark.urls("tests.hostile_urls"),
]


class TestMemory:
    """Classes that are made for a request live as long as it does."""

    def test_classes(self) -> None:
        made = [each for _ in range(100) for each in run_once()]
        gc.collect()

        assert len(made) == 300
        assert [each() for each in made if each() is not None] == []

    def test_objects(self) -> None:
        for _ in range(20):
            run_once()
        gc.collect()
        before = len(gc.get_objects())
        for _ in range(200):
            run_once()
        gc.collect()

        assert len(gc.get_objects()) - before < 200


def run_once() -> list[Callable[[], Any]]:
    """Run a batch of new classes, and another of a class with a new serializer."""

    class OwnSerializer(EventSerializer):
        pass

    class Viewset(BulkModelViewSet):
        queryset = Event.objects.all()
        serializer_class = OwnSerializer

        def perform_create(self, serializer: Any) -> None:
            serializer.save()

    class Dynamic(BulkModelViewSet):
        queryset = Event.objects.all()

        def get_serializer_class(self) -> Any:
            return OwnSerializer

    for viewset in (Viewset, Dynamic):
        request = APIRequestFactory().post("/x/bulk/", [{"text": "a"}] * 5)
        response = viewset.as_view({"post": "bulk"})(request)
        response.render()
        assert response.status_code == 207
    return [weakref.ref(each) for each in (OwnSerializer, Viewset, Dynamic)]
