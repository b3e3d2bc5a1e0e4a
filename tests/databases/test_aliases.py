"""The transaction is on the database that is written to, and on no less."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from rest_framework.test import APIClient

from multistatus_app.databases.aliases import WriteOutsideTransaction, get_databases
from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_statuses, op
from tests.conftest import Serve
from tests.handlers.viewsets import make_view
from tests.shop import serializers as shop
from tests.shop.models import Category, Event

pytestmark = pytest.mark.django_db(databases=["default", "other"])


class OtherViewSet(BulkModelViewSet):
    """Keeps its categories in another database, which only its hook says."""

    serializer_class = shop.CategorySerializer

    def get_queryset(self) -> Any:
        """Choose the database."""
        return Category.objects.using("other")


class AuditingViewSet(BulkModelViewSet):
    """Writes to another database, where the name asks for it."""

    queryset = Category.objects.all()
    serializer_class = shop.CategorySerializer

    def perform_create(self, serializer: Any) -> None:
        """Save, then look into the other database, or write to it."""
        name = serializer.save().name
        list(Event.objects.using("other").all())
        if name == "audited":
            Event.objects.using("other").create(text=name)


def get_names() -> list[str]:
    """Return what there is in the other database."""
    names = Category.objects.using("other").order_by("pk")
    return list(names.values_list("name", flat=True))


@pytest.fixture
def rows() -> list[Category]:
    """Return two categories of the other database."""
    return [Category.objects.using("other").create(name=name) for name in "ab"]


def test_the_queryset_that_the_hook_pins_comes_first() -> None:
    view = OtherViewSet()

    assert get_databases(view) == ("default",)
    assert get_databases(view, asks_hook=True) == ("other", "default")


@pytest.mark.parametrize("replayable", [False, True])
def test_what_is_asked_for_is_kept(
    api: APIClient,
    serve: Serve,
    monkeypatch: pytest.MonkeyPatch,
    rows: list[Category],
    replayable: bool,
) -> None:
    monkeypatch.setattr(OtherViewSet, "bulk_replayable", replayable)
    serve(OtherViewSet)

    response = api.post(
        "/things/batch/",
        batch(op("PATCH", rows[0].pk, {"name": "new"}), op("DELETE", rows[1].pk)),
    )

    assert get_statuses(response) == [200, 204]
    assert get_names() == ["new"]


@pytest.mark.parametrize("replayable", [False, True])
def test_a_dry_run_keeps_nothing(
    api: APIClient,
    serve: Serve,
    monkeypatch: pytest.MonkeyPatch,
    rows: list[Category],
    replayable: bool,
) -> None:
    monkeypatch.setattr(OtherViewSet, "bulk_replayable", replayable)
    serve(OtherViewSet)

    response = api.post(
        "/things/batch/?dry_run=true",
        batch(
            op("PATCH", rows[0].pk, {"name": "new"}),
            op("DELETE", rows[1].pk),
            op("DELETE", 999_999),
            op("POST", data={"name": "posted"}),
        ),
    )

    assert get_statuses(response) == [200, 204, 404, 201]
    assert response.json()["summary"]["committed"] is False
    assert get_names() == ["a", "b"]
    assert not Category.objects.exists()


@pytest.mark.parametrize("replayable", [False, True])
def test_a_failed_atomic_request_keeps_nothing(
    api: APIClient,
    serve: Serve,
    monkeypatch: pytest.MonkeyPatch,
    rows: list[Category],
    replayable: bool,
) -> None:
    monkeypatch.setattr(OtherViewSet, "bulk_replayable", replayable)
    serve(OtherViewSet)

    response = api.post(
        "/things/batch/?atomic=true",
        batch(
            op("PATCH", rows[0].pk, {"name": "new"}),
            op("DELETE", rows[1].pk),
            op("DELETE", 999_999),
            op("POST", data={"name": "posted"}),
        ),
    )

    assert get_statuses(response) == [424, 424, 404, 424]
    assert response.json()["summary"]["committed"] is False
    assert get_names() == ["a", "b"]
    assert not Category.objects.exists()


def test_an_operation_that_fails_keeps_nothing(
    api: APIClient,
    serve: Serve,
    monkeypatch: pytest.MonkeyPatch,
    rows: list[Category],
) -> None:
    def perform_update(self: Any, serializer: Any) -> None:
        if serializer.save().name == "late":
            raise RuntimeError("late")

    monkeypatch.setattr(OtherViewSet, "perform_update", perform_update)
    serve(OtherViewSet)

    response = api.patch(
        "/things/bulk/",
        [{"id": rows[0].pk, "name": "late"}, {"id": rows[1].pk, "name": "new"}],
    )

    assert get_statuses(response) == [500, 200]
    assert get_names() == ["a", "new"]


@pytest.mark.django_db(databases=["default", "other"], transaction=True)
@pytest.mark.parametrize("replayable", [False, True])
@pytest.mark.parametrize(
    ("query", "statuses"),
    [("?dry_run=true", [201, 500, 201]), ("?atomic=true", [424, 500, 424])],
)
def test_fail_a_write_that_nothing_would_undo(
    api: APIClient,
    serve: Serve,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    query: str,
    statuses: list[int],
    replayable: bool,
) -> None:
    monkeypatch.setattr(AuditingViewSet, "bulk_replayable", replayable)
    serve(AuditingViewSet)
    body = [{"name": "a"}, {"name": "audited"}, {"name": "b"}]

    response = api.post(f"/things/bulk/{query}", body)

    assert get_statuses(response) == statuses
    assert not Event.objects.using("other").exists()
    assert not Category.objects.exists()
    (raised,) = [each.exc_info[1] for each in caplog.records if each.exc_info]
    assert isinstance(raised, WriteOutsideTransaction)
    assert "'other'" in str(raised)


def test_a_write_elsewhere_is_the_projects_own_affair(
    api: APIClient, serve: Serve
) -> None:
    serve(AuditingViewSet)

    response = api.post("/things/bulk/", [{"name": "audited"}, {"name": "b"}])

    assert get_statuses(response) == [201, 201]
    assert Event.objects.using("other").get().text == "audited"


@pytest.mark.parametrize("place", [0, 1])
def test_a_dry_run_keeps_nothing_though_a_request_cannot_be_made(
    api: APIClient,
    serve: Serve,
    monkeypatch: pytest.MonkeyPatch,
    rows: list[Category],
    place: int,
) -> None:
    def initialize_request(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("pk") == str(rows[place].pk):
            raise RuntimeError("Bad luck.")
        return BulkModelViewSet.initialize_request(self, request, *args, **kwargs)

    monkeypatch.setattr(OtherViewSet, "initialize_request", initialize_request)
    serve(OtherViewSet)

    response = api.patch(
        "/things/bulk/?dry_run=1",
        [{"id": each.pk, "name": f"new {each.pk}"} for each in rows],
    )

    statuses = [200, 200]
    statuses[place] = 500
    assert get_statuses(response) == statuses
    assert get_names() == ["a", "b"]


@pytest.mark.django_db(databases=["default", "other"], transaction=True)
@pytest.mark.parametrize(
    ("query", "told"), [("", ["a", "b"]), ("?dry_run=1", []), ("?atomic=1", [])]
)
def test_callbacks_of_the_default_database_wait_for_what_is_kept(
    api: APIClient, serve: Serve, settings: Any, query: str, told: list[str]
) -> None:
    """Whatever database is written to: it is there that hooks hang them on."""
    called = []

    def perform_create(self: Any, serializer: Any) -> None:
        name = serializer.save().name
        transaction.on_commit(lambda: called.append(name))

    router = SimpleNamespace(db_for_write=lambda model, **hints: "other")
    settings.DATABASE_ROUTERS = [router]
    serve(make_view(perform_create=perform_create))

    api.post(f"/things/bulk/{query}", [{"name": "a"}, {"name": "b"}, {"name": ""}])

    assert called == told
