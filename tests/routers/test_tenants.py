"""A tenant for each request: `other` is the second one's database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

import pytest
from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.db import connection
from rest_framework.test import APIClient

from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_results, get_statuses, op
from tests.conftest import Serve
from tests.routers.viewsets import (
    PINNED,
    AskingViewSet,
    ByNameSerializer,
    ByNameViewSet,
)
from tests.shop.models import Category, Event

pytestmark = pytest.mark.django_db(databases=["default", "other"])

LOCAL = threading.local()
VARIABLE: ContextVar[str] = ContextVar("tenant", default="default")


class Tenants:
    """Where the tenant of this request is noted."""

    def __init__(self, name: str) -> None:
        self.is_local = name == "thread-local"

    def get(self) -> str:
        """Name the database."""
        if self.is_local:
            return getattr(LOCAL, "tenant", "default")
        return VARIABLE.get()

    def set(self, alias: str) -> None:
        """Note it."""
        if self.is_local:
            LOCAL.tenant = alias
        else:
            VARIABLE.set(alias)


TENANTS = Tenants("thread-local")


class TenantRouter:
    """Reads and writes where the tenant is."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        """Name the tenant's."""
        return TENANTS.get()

    db_for_write = db_for_read


class TenantMiddleware:
    """Finds the tenant in a header."""

    sync_capable = async_capable = True

    def __init__(self, get_response: Callable[..., Any]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: Any) -> Any:
        """Choose the database for what comes."""
        TENANTS.set(request.headers["Tenant"])
        try:
            return self.get_response(request)
        finally:
            TENANTS.set("default")


class TenantViewSet(BulkModelViewSet):
    """Says itself where its rows are."""

    queryset = Category.objects.all()
    serializer_class = ByNameSerializer

    def get_queryset(self) -> Any:
        """Choose the database of the tenant."""
        return super().get_queryset().using(TENANTS.get())

    def perform_create(self, serializer: Any) -> None:
        """Save, and leave a note."""
        category = serializer.save()
        Event.objects.create(text=category.name)


class StockTenantViewSet(TenantViewSet):
    """Written in sets."""

    def perform_create(self, serializer: Any) -> None:
        """Save."""
        serializer.save()


@pytest.fixture(params=["thread-local", "contextvar"])
def tenants(
    request: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[str]]:
    """Have two tenants."""
    monkeypatch.setattr("tests.routers.test_tenants.TENANTS", Tenants(request.param))
    settings.DATABASE_ROUTERS = [PINNED, TenantRouter()]
    settings.MIDDLEWARE = ["tests.routers.test_tenants.TenantMiddleware"]
    yield ["default", "other"]
    TENANTS.set("default")


def get_names(alias: str) -> list[str]:
    rows = Category.objects.using(alias).order_by("pk")
    return list(rows.values_list("name", flat=True))


@pytest.mark.parametrize("viewset", [TenantViewSet, StockTenantViewSet])
def test_batches_go_where_their_tenants_are(
    api: APIClient, serve: Serve, tenants: list[str], viewset: Any
) -> None:
    serve(viewset)

    for tenant in tenants:
        headers = {"Tenant": tenant}
        body = [{"name": f"{tenant} {each}"} for each in "abcdef"]
        body[5]["parent"] = body[0]["name"]
        made = api.post("/things/bulk/", body, headers=headers)
        keys = [each["data"]["id"] for each in get_results(made)]
        changed = api.post(
            "/things/batch/",
            batch(
                op("PATCH", keys[1], {"name": f"{tenant} changed"}),
                op("DELETE", keys[2]),
                op("PATCH", keys[3], {"name": "other a"}),
            ),
            headers=headers,
        )
        mine = tenant == "other"
        assert get_statuses(made) == [201] * 6
        assert get_statuses(changed) == [200, 204, 400 if mine else 200]

    names = ["a", "changed", "d", "e", "f"]
    assert get_names("other") == [f"other {each}" for each in names]
    names = ["default a", "default changed", "other a", "default e", "default f"]
    assert get_names("default") == names
    for tenant in tenants:
        notes = Event.objects.using(tenant).order_by("pk")
        expected = [f"{tenant} {each}" for each in "abcdef"]
        assert [each.text for each in notes] == (
            expected if viewset is TenantViewSet else []
        )


@pytest.mark.parametrize("query", ["?atomic=1", "?dry_run=1"])
@pytest.mark.parametrize("viewset", [TenantViewSet, StockTenantViewSet])
def test_what_is_undone_is_undone_where_the_tenant_is(
    api: APIClient, serve: Serve, tenants: list[str], viewset: Any, query: str
) -> None:
    serve(viewset)
    body = [{"name": each} for each in ("a", "b", "c", "d", "a")]

    for tenant in tenants:
        response = api.post(f"/things/bulk/{query}", body, headers={"Tenant": tenant})

        assert response.json()["summary"]["committed"] is False
        assert get_statuses(response)[4] == 400
        assert get_names(tenant) == []
        assert not Event.objects.using(tenant).exists()


class SchemaMiddleware:
    """Sets the search path of the tenant that a header names."""

    def __init__(self, get_response: Callable[..., Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        """Choose the schema for what comes."""
        with connection.cursor() as cursor:
            cursor.execute("SET search_path = %s, public", [request.headers["Tenant"]])
            try:
                return self.get_response(request)
            finally:
                cursor.execute("SET search_path = public")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL's own.")
@pytest.mark.parametrize("viewset", [ByNameViewSet, AskingViewSet])
def test_a_schema_for_each_tenant(
    api: APIClient, serve: Serve, settings: Any, viewset: Any
) -> None:
    settings.MIDDLEWARE = ["tests.routers.test_tenants.SchemaMiddleware"]
    with connection.cursor() as cursor:
        for each in ("tenant_a", "tenant_b"):
            cursor.execute(f"CREATE SCHEMA {each}")
            cursor.execute(
                f"CREATE TABLE {each}.shop_category "
                f"(LIKE public.shop_category INCLUDING ALL)"
            )
    serve(viewset)
    count = 2 if viewset is AskingViewSet else 5
    body = [{"name": f"row {each}"} for each in range(count)]

    for tenant in ("tenant_a", "tenant_b"):
        response = api.post("/things/bulk/", body, headers={"Tenant": tenant})
        assert get_statuses(response) == [201] * count

    assert not Category.objects.exists()
    with connection.cursor() as cursor:
        for each in ("tenant_a", "tenant_b"):
            cursor.execute(f"TABLE {each}.shop_category")
            assert len(cursor.fetchall()) == count
