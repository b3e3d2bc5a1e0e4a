"""A model that a router sends to another database."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, connections
from rest_framework.test import APIClient

from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import get_details, get_statuses
from tests.conftest import Serve
from tests.shop import serializers as shop
from tests.shop.models import Category, Event
from tests.strategies.databases import get_categories

pytestmark = pytest.mark.django_db(transaction=True)


class OtherRouter:
    """Keeps events in the other database."""

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        """Read events there."""
        return "other" if model is Event else None

    db_for_write = db_for_read


@pytest.fixture
def router(settings: Any) -> None:
    """Keep events in the other database."""
    settings.DATABASE_ROUTERS = ["tests.strategies.test_another_database.OtherRouter"]


class EventViewSet(BulkModelViewSet):
    """Fails late, on demand."""

    queryset = Event.objects.all()
    serializer_class = shop.EventSerializer

    def perform_create(self, serializer: Any) -> None:
        """Save, then fail."""
        if serializer.save().text == "fail":
            raise RuntimeError("late")


@pytest.mark.django_db(transaction=True, databases=["default", "other"])
@pytest.mark.usefixtures("router")
class TestAnotherDatabase:
    """A model that a router sends elsewhere."""

    def test_success_and_failure_there(self, api: APIClient, serve: Serve) -> None:
        serve(EventViewSet)

        response = api.post(
            "/things/bulk/", [{"text": "a"}, {"text": "fail"}, {"text": "b"}]
        )

        assert get_statuses(response) == [201, 500, 201]
        there = Event.objects.using("other").order_by("pk")
        assert [each.text for each in there] == ["a", "b"]
        assert not Event.objects.using("default").exists()

    def test_dry_run_there(self, api: APIClient, serve: Serve) -> None:
        serve(EventViewSet)

        response = api.post("/things/bulk/?dry_run=true", [{"text": "a"}])

        assert get_statuses(response) == [201]
        assert not Event.objects.using("other").exists()

    def test_what_is_atomic_by_request_is_undone_with_it(
        self, api: APIClient, serve: Serve, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A hook that also writes to a database with ATOMIC_REQUESTS."""
        monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)

        class BothViewSet(EventViewSet):
            def perform_create(self, serializer: Any) -> None:
                Category.objects.create(name=serializer.validated_data["text"])
                super().perform_create(serializer)

        serve(BothViewSet)
        response = api.post("/things/bulk/", [{"text": "fail"}, {"text": "b"}])

        assert get_statuses(response) == [500, 201]
        assert get_categories() == ["b"]

    def test_handler_that_dooms_transactions_dooms_none_of_ours(
        self,
        api: APIClient,
        serve: Serve,
        settings: Any,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """DRF's own handler does, wherever ATOMIC_REQUESTS is on."""
        for each in connections.all():
            monkeypatch.setitem(each.settings_dict, "ATOMIC_REQUESTS", True)
        settings.REST_FRAMEWORK = {
            "TEST_REQUEST_DEFAULT_FORMAT": "json",
            "EXCEPTION_HANDLER": "tests.strategies.test_another_database.handle",
        }
        serve(EventViewSet)

        response = api.post("/things/bulk/", [{"text": ""}, {"text": "a"}])

        assert get_statuses(response) == [400, 201]
        assert Event.objects.using("other").get().text == "a"


def handle(exc: Exception, context: Any) -> Any:
    """Handle an exception as DRF does, which is not the stock handler."""
    from rest_framework.views import exception_handler

    return exception_handler(exc, context)


def test_nothing_is_told_of_what_ended_the_request(
    api: APIClient, serve: Serve
) -> None:
    serve(EventViewSet)

    response = api.post("/things/bulk/", [{"text": "fail"}])

    assert get_details(response) == ["An unexpected error occurred; it is logged."]
    assert b"late" not in response.content


@pytest.mark.django_db
def test_one_database_needs_no_queryset_to_be_found(
    api: APIClient, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A create does not ask for it; what asks for it might write."""

    class Viewset(BulkModelViewSet):
        queryset = Event.objects.all()
        serializer_class = shop.EventSerializer

        def get_queryset(self) -> Any:
            asked.append(self.action)
            return super().get_queryset()

    asked: list[Any] = []
    serve(Viewset)
    monkeypatch.setattr("multistatus_app.strategies.execution.connections", ["default"])

    response = api.post("/things/bulk/", [{"text": "a"}, {"text": "b"}])

    assert get_statuses(response) == [201, 201]
    assert asked == []
