"""Throttles are asked in the order of operations, once for each, and it is kept."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.db import OperationalError
from rest_framework.test import APIClient
from rest_framework.throttling import AnonRateThrottle

from tests.answers import batch, get_statuses, op
from tests.conftest import Serve
from tests.factories import CategoryFactory
from tests.handlers.viewsets import get_names, make_view

pytestmark = pytest.mark.django_db

KEY = "throttle_anon_127.0.0.1"


class One(AnonRateThrottle):
    """One for those whom nobody knows."""

    rate = "1/min"


class Never(AnonRateThrottle):
    """Lets nothing pass."""

    scope = "never"
    rate = "0/min"

    def parse_rate(self, rate: Any) -> tuple[int, int]:
        """Make it that: REST framework takes the rate for none at all."""
        return 0, 60


@pytest.fixture(autouse=True)
def _clean() -> Any:
    cache.clear()
    yield
    cache.clear()


def test_the_first_operation_is_asked_first(
    api: APIClient, serve: Serve, settings: Any
) -> None:
    """Though it is run by itself, and the others are written in a set."""
    settings.MULTISTATUS = {"MIN_SET_SIZE": 1}
    serve(make_view(throttle_classes=[One]))
    rows = CategoryFactory.create_batch(3)
    first, *others = (op("PATCH", each.pk, {"parent": None}) for each in rows)

    response = api.post("/things/batch/", batch({**first, "if_match": "*"}, *others))

    assert get_statuses(response) == [200, 429, 429]


@pytest.mark.parametrize("smallest", [1, None], ids=["sets", "singly"])
def test_what_is_refused_is_charged_once(
    api: APIClient, serve: Serve, settings: Any, smallest: int | None
) -> None:
    """By the one that let it pass, before another refused."""
    settings.MULTISTATUS = {"MIN_SET_SIZE": smallest}
    throttle = type("Ten", (AnonRateThrottle,), {"rate": "10/min"})
    serve(make_view(throttle_classes=[throttle, Never]))

    response = api.post("/things/bulk/", [{"name": name} for name in "abc"])

    assert get_statuses(response) == [429] * 3
    assert len(cache.get(KEY)) == 3


@pytest.mark.django_db(transaction=True)
def test_charges_are_kept_though_the_request_is_not(
    api: APIClient, serve: Serve
) -> None:
    def perform_create(self: Any, serializer: Any) -> None:
        raise OperationalError(1213, "Deadlock found")

    serve(make_view(throttle_classes=[One], perform_create=perform_create))

    assert api.post("/things/bulk/", [{"name": "a"}]).status_code == 503
    assert len(cache.get(KEY)) == 1
    assert get_names() == []
