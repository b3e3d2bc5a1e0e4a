"""Several databases: a replica that lags, and a tenant for each request.

`other` stands for the replica, or for the second tenant; nothing is copied to it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

import pytest
from adrf.routers import SimpleRouter as AsyncRouter
from adrf.serializers import ModelSerializer as AsyncModelSerializer
from adrf.viewsets import ModelViewSet as AsyncModelViewSet
from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.db import connection, router
from rest_framework import serializers
from rest_framework.test import APIClient

from multistatus_app.databases.aliases import is_batch_running, running_batch
from multistatus_app.mixins import BulkModelMixin
from multistatus_app.routers import PinnedRouter
from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_results, get_statuses, op
from tests.conftest import Serve
from tests.shop import serializers as shop
from tests.shop.models import Category, Event, Product, Tag

pytestmark = pytest.mark.django_db(databases=["default", "other"])

PINNED = "multistatus_app.routers.PinnedRouter"


class ReplicaRouter:
    """Reads from a replica."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        """Read from the replica."""
        return "other"

    def db_for_write(self, model: Any, **hints: Any) -> str:
        """Write to the one that is copied."""
        return "default"

    def allow_relation(self, *args: Any, **hints: Any) -> bool:
        """It is one database."""
        return True


class ByNameSerializer(serializers.ModelSerializer[Category]):
    """Names the parent by its name."""

    parent = serializers.SlugRelatedField(
        slug_field="name", queryset=Category.objects.all(), required=False
    )

    class Meta:
        model = Category
        fields = ["id", "name", "parent"]


class ByNameViewSet(BulkModelViewSet):
    """Finds relations by names."""

    queryset = Category.objects.all()
    serializer_class = ByNameSerializer


class AskingViewSet(ByNameViewSet):
    """Asks for itself, in a hook."""

    def perform_create(self, serializer: Any) -> None:
        """Refuse more than two."""
        if Category.objects.count() >= 2:
            raise serializers.ValidationError("Enough.")
        serializer.save()


class ProductViewSet(BulkModelViewSet):
    """Shows rows of another table."""

    queryset = Product.objects.all()
    serializer_class = shop.ProductSerializer


class AsyncByNameSerializer(AsyncModelSerializer):
    """Names the parent by its name."""

    parent = serializers.SlugRelatedField(
        slug_field="name", queryset=Category.objects.all(), required=False
    )

    class Meta:
        model = Category
        fields = ["id", "name", "parent"]


class AsyncViewSet(BulkModelMixin, AsyncModelViewSet):
    """Asks asynchronously, too."""

    queryset = Category.objects.all()
    serializer_class = AsyncByNameSerializer

    async def perform_acreate(self, serializer: Any) -> None:
        """Refuse more than three."""
        if await Category.objects.acount() >= 3:
            raise serializers.ValidationError("Enough.")
        await serializer.asave()


@pytest.fixture
def replica(settings: Any) -> None:
    """Read from a replica, but for batches."""
    settings.DATABASE_ROUTERS = [PINNED, ReplicaRouter()]


FAMILY = [
    {"name": "animals"},
    {"name": "cats", "parent": "animals"},
    {"name": "dogs", "parent": "animals"},
    {"name": "animals"},
]


def test_without_it_a_replica_is_read(
    api: APIClient, serve: Serve, settings: Any
) -> None:
    settings.DATABASE_ROUTERS = [ReplicaRouter()]
    serve(ByNameViewSet)

    response = api.post("/things/bulk/", FAMILY)

    assert get_statuses(response) == [201, 400, 400, 409]


@pytest.mark.parametrize("size", [None, 2])
@pytest.mark.usefixtures("replica")
def test_operations_see_what_the_earlier_ones_wrote(
    api: APIClient, serve: Serve, settings: Any, size: int | None
) -> None:
    settings.MULTISTATUS = {"MIN_SET_SIZE": size}
    serve(ByNameViewSet)

    response = api.post("/things/bulk/", FAMILY)

    assert get_statuses(response) == [201, 201, 201, 400]
    [error] = get_results(response)[3]["error"]["errors"]
    assert (error["pointer"], error["code"]) == ("#/name", "unique")
    assert not Category.objects.using("other").exists()


@pytest.mark.usefixtures("replica")
def test_code_of_the_project_reads_where_it_writes(
    api: APIClient, serve: Serve
) -> None:
    serve(AskingViewSet)

    response = api.post("/things/bulk/", [{"name": each} for each in "abc"])

    assert get_statuses(response) == [201, 201, 400]


@pytest.mark.usefixtures("replica")
def test_what_is_shown_is_what_was_written(api: APIClient, serve: Serve) -> None:
    category = Category(name="c")
    category.save(using="default")
    tags = [Tag(name=each) for each in "ab"]
    for each in tags:
        each.save(using="default")
    keys = [each.pk for each in tags]
    serve(ProductViewSet)
    row = {"name": "n", "price": "1.00", "category": category.pk, "tags": keys}

    made = api.post("/things/bulk/", [{"sku": each, **row} for each in ("p", "q")])
    key = get_results(made)[0]["data"]["id"]
    changed = api.patch("/things/bulk/", [{"id": key, "tags": keys[:1]}] * 2)

    assert [each["data"]["tags"] for each in get_results(made)] == [keys, keys]
    assert [each["data"]["tags"] for each in get_results(changed)] == [keys[:1]] * 2


@pytest.mark.usefixtures("replica")
def test_outside_of_a_batch_it_has_no_opinion(api: APIClient, serve: Serve) -> None:
    serve(ByNameViewSet)

    api.post("/things/bulk/", [{"name": "a"}])

    assert api.get("/things/").json() == []
    assert PinnedRouter().db_for_read(Category) is None
    assert router.db_for_read(Category) == "other"
    with running_batch():
        assert router.db_for_read(Category) == "default"


def test_it_is_over_whatever_is_raised() -> None:
    with pytest.raises(LookupError), running_batch():
        raise LookupError

    assert not is_batch_running()


def test_other_threads_are_not_in_the_batch() -> None:
    seen = []
    with running_batch():
        other = threading.Thread(target=lambda: seen.append(is_batch_running()))
        other.start()
        other.join()

    assert seen == [False]


@pytest.mark.django_db(databases=["default", "other"], transaction=True)
@pytest.mark.usefixtures("replica")
def test_asynchronous_views(api: APIClient, serve: Serve) -> None:
    serve(AsyncViewSet, AsyncRouter())

    response = api.post(
        "/things/batch/",
        batch(*(op("POST", data=each) for each in [*FAMILY, {"name": "birds"}])),
    )

    assert get_statuses(response) == [201, 201, 201, 400, 400]
    [error] = get_results(response)[3]["error"]["errors"]
    assert (error["pointer"], error["code"]) == ("#/name", "unique")
    assert Category.objects.using("default").count() == 3
    assert not Category.objects.using("other").exists()


# A tenant for each request

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
    monkeypatch.setattr("tests.test_routers.TENANTS", Tenants(request.param))
    settings.DATABASE_ROUTERS = [PINNED, TenantRouter()]
    settings.MIDDLEWARE = ["tests.test_routers.TenantMiddleware"]
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
    settings.MIDDLEWARE = ["tests.test_routers.SchemaMiddleware"]
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
