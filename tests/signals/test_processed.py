"""What is told of every request that was processed."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.permissions import IsAuthenticated
from rest_framework.test import APIClient

from multistatus_app.signals import processed
from tests.conftest import Serve
from tests.factories import CategoryFactory
from tests.signals.viewsets import HookedViewSet, StockViewSet, create

pytestmark = pytest.mark.django_db


def test_processed(api: APIClient, serve: Serve) -> None:
    told = []

    def hear(sender: Any, request: Any, document: Any, **_: Any) -> None:
        summary = (document.total, document.succeeded, document.committed)
        told.append((sender, request.path, summary))

    serve(HookedViewSet)
    CategoryFactory(name="taken")
    processed.connect(hear)
    try:
        create(api, "a taken", "?only_failures=1")
        create(api, "b", "?dry_run=1")
        api.post("/things/bulk/", [])
    finally:
        processed.disconnect(hear)

    assert told == [
        (HookedViewSet, "/things/bulk/", (2, 1, True)),
        (HookedViewSet, "/things/bulk/", (1, 1, False)),
    ]


def test_processed_is_not_told_of_a_refusal(api: APIClient, serve: Serve) -> None:
    class ClosedViewSet(StockViewSet):
        permission_classes = [IsAuthenticated]

    told = []

    def hear(**kwargs: Any) -> None:
        told.append(kwargs)

    serve(ClosedViewSet)
    processed.connect(hear)
    try:
        assert create(api, "a b").status_code == 403
    finally:
        processed.disconnect(hear)

    assert told == []
