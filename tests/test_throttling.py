"""Tests of multistatus_app.throttling."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import override_settings
from django.urls import include, path
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.test import APIClient
from rest_framework.throttling import ScopedRateThrottle, SimpleRateThrottle

from multistatus_app.throttling import BulkRateThrottle, OperationsThrottleMixin
from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import get_statuses
from tests.conftest import Serve
from tests.shop.models import Event
from tests.shop.serializers import EventSerializer

pytestmark = pytest.mark.django_db


class FivePerMinute(BulkRateThrottle):
    """Has a clock that the test turns."""

    rate = "5/min"
    now = 1000.0

    @staticmethod
    def timer() -> float:
        """Return the test's time."""
        return FivePerMinute.now


class EventViewSet(BulkModelViewSet):
    """Throttled."""

    queryset = Event.objects.all()
    serializer_class = EventSerializer
    throttle_classes = (FivePerMinute,)


router = SimpleRouter()
router.register("events", EventViewSet)
urlpatterns = [path("", include(router.urls))]


@pytest.fixture(autouse=True)
def _clean() -> Any:
    cache.clear()
    FivePerMinute.now = 1000.0
    with override_settings(ROOT_URLCONF=__name__):
        yield
    cache.clear()


def send(count: int) -> Any:
    body = [{"text": "x"} for _ in range(count)]
    return APIClient().post("/events/bulk/", body, format="json")


def test_each_operation_is_charged() -> None:
    assert send(3).status_code == 207
    FivePerMinute.now += 20
    assert send(2).status_code == 207

    refused = send(1)

    assert refused.status_code == 429
    assert refused.json() == {
        "detail": "The request holds 1 operation; the rate leaves 0 now. "
        "Expected available in 40 seconds."
    }
    assert refused["Retry-After"] == "40"
    assert Event.objects.count() == 5


def test_a_refused_request_costs_nothing_and_names_the_budget() -> None:
    assert send(3).status_code == 207
    FivePerMinute.now += 10

    refused = send(4)

    assert refused.status_code == 429
    assert refused.json()["detail"].startswith(
        "The request holds 4 operations; the rate leaves 2 now."
    )
    assert refused["Retry-After"] == "50"
    assert send(2).status_code == 207


def test_the_wait_is_long_enough() -> None:
    send(1)
    FivePerMinute.now += 10
    send(3)
    refused = send(2)
    assert refused["Retry-After"] == "50"

    FivePerMinute.now += 49
    assert send(2).status_code == 429
    FivePerMinute.now += 1
    assert send(2).status_code == 207


def test_more_than_the_rate_ever_allows_waits_for_all_of_it() -> None:
    refused = send(6)

    assert refused.status_code == 429
    assert refused["Retry-After"] == "60"
    assert "holds 6 operations; the rate leaves 5 now." in refused.json()["detail"]


def test_single_and_bulk_draw_on_one_budget() -> None:
    client = APIClient()
    assert client.post("/events/", {"text": "x"}, format="json").status_code == 201
    assert send(5).status_code == 429
    assert send(4).status_code == 207
    assert client.get("/events/").status_code == 429


def test_what_is_no_batch_costs_one_and_is_refused_for_what_it_is() -> None:
    client = APIClient()
    for _ in range(5):
        response = client.post("/events/bulk/", {"not": "a list"}, format="json")
        assert response.status_code == 400

    assert client.post("/events/bulk/", {}, format="json").status_code == 429


def test_what_is_not_routed_costs_one_and_is_answered() -> None:
    client = APIClient()

    assert client.options("/events/bulk/").status_code == 200
    assert client.get("/events/bulk/").status_code == 405
    assert send(4).status_code == 429
    assert send(3).status_code == 207


def test_the_message_of_a_malformed_body_is_its_own() -> None:
    response = APIClient().post("/events/bulk/", "[{", content_type="application/json")

    assert response.status_code == 400
    assert response.json()["detail"].startswith("JSON parse error")


class OnceAMinute(SimpleRateThrottle):
    """DRF's own, for all."""

    rate = "1/min"

    def get_cache_key(self, request: Any, view: Any) -> str:
        """Charge everybody at once."""
        return "once"


@pytest.mark.parametrize("name", ["operation", "targets", "fetched"])
def test_a_viewset_with_names_of_its_own_is_throttled(serve: Serve, name: str) -> None:
    def extra(self: Any, request: Any) -> Response:
        return Response({})

    extra.__name__ = name
    view = type(
        "NamedViewSet",
        (EventViewSet,),
        {name: action(detail=False)(extra), "throttle_classes": (OnceAMinute,)},
    )
    serve(view)
    api = APIClient()

    singly = [
        api.post("/things/", {"text": "x"}, format="json").status_code for _ in range(2)
    ]
    cache.clear()
    body = [{"text": "x"}, {"text": "y"}]
    in_bulk = [
        get_statuses(api.post("/things/bulk/", body, format="json")) for _ in range(2)
    ]

    assert singly == [201, 429]
    assert in_bulk == [[201, 429], [429, 429]]


RATES = {"writes": "2/min"}


class Scoped(OperationsThrottleMixin, ScopedRateThrottle):
    """By the scope that the viewset names."""

    THROTTLE_RATES = RATES


class ByView(OperationsThrottleMixin):
    """By what REST framework tells of a view."""

    rate = "2/min"

    def get_cache_key(self, request: Any, view: Any) -> str:
        """Look at it."""
        return f"{view.basename}-{view.action and 'single'}"


@pytest.mark.parametrize(("throttle", "single"), [(Scoped, 429), (ByView, 201)])
def test_a_throttle_looks_at_the_view(serve: Serve, throttle: Any, single: int) -> None:
    members = {"throttle_classes": (throttle,), "throttle_scope": "writes"}
    serve(type("LookedAtViewSet", (EventViewSet,), members))
    api = APIClient()
    body = [{"text": "x"}, {"text": "y"}]

    response = api.post("/things/bulk/", body, format="json")

    assert get_statuses(response) == [201, 201]
    assert api.post("/things/bulk/", body[:1], format="json").status_code == 429
    assert api.post("/things/", body[0], format="json").status_code == single


def test_a_scope_that_only_an_action_has(serve: Serve) -> None:
    """The route answers without one."""
    scope = property(lambda self: {"create": "writes"}[self.action])
    throttle = type("ByAction", (ScopedRateThrottle,), {"THROTTLE_RATES": RATES})
    members = {"throttle_classes": (throttle,), "throttle_scope": scope}
    serve(type("ByActionViewSet", (EventViewSet,), members))

    response = APIClient().post("/things/bulk/", [{"text": "x"}] * 3, format="json")

    assert get_statuses(response) == [201, 201, 429]
