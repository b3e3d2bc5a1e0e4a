"""One transaction for the request: its options, its end, and how it may fail."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction
from rest_framework.test import APIClient

from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_details, get_error, get_results, get_statuses, op
from tests.conftest import Serve
from tests.factories import CategoryFactory, ProductFactory
from tests.shop import serializers as shop
from tests.shop import views
from tests.shop.models import Category, Event, Product, Review

CONFLICT = {
    "detail": "Another transaction was changing the same rows, and the database gave "
    "this one up: a deadlock, or a serialization failure. Nothing of the request was "
    "kept; send it again."
}
UNAVAILABLE = {
    "detail": "The database could not complete the request. Nothing of it was kept; "
    "send it again."
}
SUMMARY = "Multistatus-Summary"

pytestmark = pytest.mark.django_db(transaction=True)

needs_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="PostgreSQL's own."
)


@pytest.fixture(params=[False, True], ids=["autocommit", "ATOMIC_REQUESTS"])
def atomic_requests(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> bool:
    """Run a test with ATOMIC_REQUESTS off and on."""
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", request.param)
    return bool(request.param)


def get_categories() -> list[str]:
    """Return what is committed."""
    assert not connection.in_atomic_block
    return sorted(Category.objects.values_list("name", flat=True))


MIXED = [{"name": "a"}, {"name": ""}, {"name": "b"}]
DEPENDENT = get_error(
    "failed_dependency",
    "Operation 1 failed, and the request is atomic.",
    424,
    "Failed Dependency",
)


STRATEGIES = {
    "per operation": (False, None),
    "per group": (True, None),
    "set based": (False, 1),
    "set based, else per group": (True, 1),
}
"""Whether hooks may be replayed, and how few operations are worth a set."""


@pytest.mark.parametrize(
    ("replayable", "smallest"), STRATEGIES.values(), ids=STRATEGIES
)
def test_contract(
    api: APIClient, serve: Serve, settings: Any, replayable: bool, smallest: int | None
) -> None:
    """Whichever runs the operations, each has the same outcome."""
    settings.MULTISTATUS = {"MIN_SET_SIZE": smallest}
    serve(type("V", (views.ProductViewSet,), {"bulk_replayable": replayable}))
    category = CategoryFactory()
    one, two, held, last = (
        ProductFactory(sku=sku, category=category)
        for sku in ("one", "two", "held", "last")
    )
    Review.objects.create(product=held)
    new = {"name": "new", "price": "1.00", "category": category.pk}

    response = api.post(
        "/things/batch/",
        batch(
            op("POST", data={**new, "sku": "a"}),
            op("POST", data={**new, "sku": "one"}),
            op("POST", data={**new, "sku": "b", "price": "-1.00"}),
            op("POST", data={**new, "sku": "b", "category": 0}),
            op("POST", data={**new, "sku": "b"}),
            op("PATCH", one.pk, {"sku": "x"}),
            op("PATCH", two.pk, {"sku": "one", "stock": 2}),
            op("PATCH", 0, {"sku": "nobody"}),
            op("PATCH", last.pk, {"price": "-1.00"}),
            op("PUT", last.pk, {**new, "sku": "last", "stock": 5}),
            op("PUT", last.pk, {**new, "sku": "b"}),
            op("DELETE", held.pk),
            op("DELETE", one.pk),
            op("DELETE", one.pk),
            op("POST", data={**new, "sku": "x"}),
        ),
    )

    results = get_results(response)
    assert [each["status"] for each in results] == [
        201, 400, 409, 400, 201, 200, 200, 404, 409, 200, 400, 409, 204, 404, 201,
    ]  # fmt: skip
    assert [each.get("error", {}).get("detail") for each in results] == [
        None,
        "1 field is not valid.",
        results[2]["error"]["detail"],
        "1 field is not valid.",
        None,
        None,
        None,
        "No Product matches the given query.",
        results[2]["error"]["detail"],
        None,
        "1 field is not valid.",
        "It cannot be deleted, because it is referenced by: review.",
        None,
        "No Product matches the given query.",
        None,
    ]
    keys = Product.objects.in_bulk(field_name="sku")
    paths = [each.get("href") for each in results if each["status"] == 201]
    assert paths == [f"/things/{keys[sku].pk}/" for sku in ("a", "b", "x")]
    assert [each["data"]["sku"] for each in results if "data" in each] == [
        "a", "b", "x", "one", "last", "x",
    ]  # fmt: skip
    assert list(Product.objects.order_by("sku").values_list("sku", "stock")) == [
        ("a", 0), ("b", 0), ("held", 0), ("last", 5), ("one", 2), ("x", 0),
    ]  # fmt: skip


@pytest.mark.usefixtures("atomic_requests")
class TestOptions:
    """`atomic` and `dry_run`, in a project with ATOMIC_REQUESTS and in one without."""

    def test_success_what_is_good_is_kept(self, api: APIClient) -> None:
        response = api.post("/api/categories/bulk/", MIXED)

        assert get_statuses(response) == [201, 400, 201]
        assert response[SUMMARY] == "total=3, succeeded=2, failed=1, committed=?1"
        assert get_categories() == ["a", "b"]

    def test_fail_all_of_an_atomic_request(self, api: APIClient) -> None:
        response = api.post("/api/categories/bulk/?atomic=true", MIXED)

        results = get_results(response)
        assert [each["status"] for each in results] == [424, 400, 424]
        assert results[0] == {
            "index": 0, "method": "POST", "status": 424, "error": DEPENDENT,
        }  # fmt: skip
        assert results[2] == results[0] | {"index": 2}
        assert response.json()["summary"] == {
            "total": 3, "succeeded": 0, "failed": 3, "committed": False,
        }  # fmt: skip
        assert response[SUMMARY] == "total=3, succeeded=0, failed=3, committed=?0"
        assert get_categories() == []

    def test_success_an_atomic_request(self, api: APIClient) -> None:
        response = api.post("/api/categories/bulk/?atomic=1", [MIXED[0], MIXED[2]])

        assert get_statuses(response) == [201, 201]
        assert response[SUMMARY] == "total=2, succeeded=2, failed=0, committed=?1"
        assert get_categories() == ["a", "b"]

    def test_atomic_names_the_resources_of_what_it_undid(self, api: APIClient) -> None:
        first, last = CategoryFactory(name="first"), CategoryFactory(name="last")

        response = api.post(
            "/api/categories/batch/?atomic=true",
            batch(
                op("PATCH", first.pk, {"name": "changed"}, ref="x"),
                op("PATCH", 0, {"name": "nobody"}),
                op("DELETE", last.pk),
            ),
        )

        results = get_results(response)
        assert [each["status"] for each in results] == [424, 404, 424]
        assert results[0]["href"] == f"/api/categories/{first.pk}/"
        assert results[0]["ref"] == "x"
        assert results[2]["href"] == f"/api/categories/{last.pk}/"
        assert get_categories() == ["first", "last"]

    def test_dry_run_says_what_would_be_and_keeps_nothing(self, api: APIClient) -> None:
        kept = CategoryFactory(name="kept")

        response = api.post(
            "/api/categories/batch/?dry_run=true",
            batch(
                op("POST", data={"name": "new"}),
                op("POST", data={"name": "new"}),
                op("PATCH", kept.pk, {"name": "renamed"}),
                op("DELETE", kept.pk),
                op("PATCH", kept.pk, {"name": "late"}),
            ),
        )

        results = get_results(response)
        assert [each["status"] for each in results] == [201, 400, 200, 204, 404]
        assert results[0].keys() == {"index", "method", "status", "data"}
        assert results[0]["data"]["name"] == "new"
        assert results[2]["href"] == f"/api/categories/{kept.pk}/"
        assert response[SUMMARY] == "total=5, succeeded=3, failed=2, committed=?0"
        assert get_categories() == ["kept"]

    def test_dry_run_of_an_atomic_request(self, api: APIClient) -> None:
        good = api.post("/api/categories/bulk/?atomic=true&dry_run=true", MIXED[:1])
        bad = api.post("/api/categories/bulk/?atomic=true&dry_run=true", MIXED)

        assert get_statuses(good) == [201]
        assert get_statuses(bad) == [424, 400, 424]
        assert good[SUMMARY] == "total=1, succeeded=1, failed=0, committed=?0"
        assert bad[SUMMARY] == "total=3, succeeded=0, failed=3, committed=?0"
        assert get_categories() == []

    def test_fail_commit(self, api: APIClient, serve: Serve) -> None:
        """What goes past Django is noticed by nobody before the commit."""
        if connection.vendor == "mysql":
            pytest.skip("MariaDB checks every statement.")
        serve(BypassingViewSet)

        response = api.post("/things/bulk/", [{"name": "good"}, {"name": "bypass"}])

        assert (response.status_code, response.json()) == (503, UNAVAILABLE)
        assert SUMMARY not in response
        assert response["Cache-Control"] == "no-store"
        assert get_categories() == []

    def test_commit_is_over_when_the_answer_is_written(
        self, api: APIClient, serve: Serve
    ) -> None:
        serve(CallbackViewSet)

        response = api.post("/things/bulk/", [{"name": "a"}, {"name": "b"}])

        assert get_statuses(response) == [201, 201]
        assert CallbackViewSet.seen == ["a: committed", "b: committed"]


class BypassingViewSet(BulkModelViewSet):
    """Writes a bad foreign key through the driver, past Django."""

    queryset = Category.objects.all()
    serializer_class = shop.CategorySerializer

    def perform_create(self, serializer: Any) -> None:
        """Save, or write past Django."""
        if serializer.validated_data["name"] == "bypass":
            serializer.instance = Category(pk=5, name="bypass")
            connection.connection.execute(
                "INSERT INTO shop_category (name, parent_id) VALUES ('bypass', 999999)"
            )
        else:
            serializer.save()


class CallbackViewSet(BulkModelViewSet):
    """Looks, in an on_commit callback, whether the transaction is over."""

    queryset = Category.objects.all()
    serializer_class = shop.CategorySerializer
    seen: list[str] = []

    def perform_create(self, serializer: Any) -> None:
        """Save, and look later; the name may ask the callback to fail."""
        category = serializer.save()
        self.seen.clear()

        def look() -> None:
            if category.name == "fail":
                raise RuntimeError("a callback that fails")
            state = "open" if connection.in_atomic_block else "committed"
            self.seen.append(f"{category.name}: {state}")

        transaction.on_commit(look)


def test_callback_that_fails_does_not_swallow_the_others(
    api: APIClient, serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    serve(CallbackViewSet)

    response = api.post("/things/bulk/", [{"name": "fail"}, {"name": "b"}])

    assert get_statuses(response) == [201, 201]
    assert CallbackViewSet.seen == ["b: committed"]
    (record,) = [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert "a callback that fails" in record.getMessage()


@pytest.mark.parametrize("option", ["atomic=true", "dry_run=true"])
def test_no_callback_of_what_was_undone(
    api: APIClient, serve: Serve, option: str
) -> None:
    serve(CallbackViewSet)
    CallbackViewSet.seen.clear()

    response = api.post(f"/things/bulk/?{option}", [{"name": "a"}, {"name": ""}])

    assert response.json()["summary"]["committed"] is False
    assert CallbackViewSet.seen == []


class EndingViewSet(BulkModelViewSet):
    """Ends its connection, or its transaction."""

    queryset = Category.objects.all()
    serializer_class = shop.CategorySerializer

    def perform_create(self, serializer: Any) -> None:
        """Save, then end."""
        name = serializer.save().name
        statements = {
            "terminate": "SELECT pg_terminate_backend(pg_backend_pid())",
            "serialize": "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$",
            "deadlock": "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40P01'; END $$",
            "lock": "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '55P03'; END $$",
        }
        if name in statements:
            with connection.cursor() as cursor:
                cursor.execute(statements[name])


@needs_postgresql
@pytest.mark.parametrize("name", ["terminate", "serialize", "deadlock"])
def test_fail_database_gives_up(
    api: APIClient, serve: Serve, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    serve(EndingViewSet)

    response = api.post("/things/bulk/", [{"name": "a"}, {"name": name}, {"name": "b"}])

    reason = UNAVAILABLE if name == "terminate" else CONFLICT
    assert (response.status_code, response.json()) == (503, reason)
    assert response["Retry-After"] == "1"
    assert next(each.getMessage() for each in caplog.records if each.exc_info) == (
        "The database did not complete a bulk request."
    )
    assert get_categories() == []


@needs_postgresql
def test_fail_lock_timeout_of_one_operation(api: APIClient, serve: Serve) -> None:
    serve(EndingViewSet)

    response = api.post(
        "/things/bulk/", [{"name": "a"}, {"name": "lock"}, {"name": "b"}]
    )

    assert get_statuses(response) == [201, 423, 201]
    assert get_categories() == ["a", "b"]


class LockingViewSet(BulkModelViewSet):
    """Locks what it changes, and does not wait."""

    queryset = Category.objects.select_for_update(nowait=True)
    serializer_class = shop.CategorySerializer

    def get_queryset(self) -> Any:
        """Lock nothing where nothing is changed."""
        queryset = super().get_queryset()
        return queryset if self.request.method != "POST" else Category.objects.all()


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite locks the file.")
def test_fail_row_that_somebody_else_has_locked(api: APIClient, serve: Serve) -> None:
    serve(LockingViewSet)
    rows = [CategoryFactory(name=name) for name in ("a", "b", "c")]
    other = connection.copy()
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM shop_category WHERE id = %s FOR UPDATE", [rows[1].pk]
            )
        response = api.patch(
            "/things/bulk/", [{"id": each.pk, "name": f"{each.name}!"} for each in rows]
        )
    finally:
        other.rollback()
        other.close()

    assert get_statuses(response) == [200, 423, 200]
    assert get_results(response)[1]["error"] == get_error(
        "locked", "Somebody else is changing it just now.", 423, "Locked"
    )
    assert get_results(response)[1]["retry_after"] == 1
    assert get_categories() == ["a!", "b", "c!"]


@needs_postgresql
@pytest.mark.parametrize(
    "members",
    [
        {"queryset": Category.objects.all(), "bulk_lock": "wait"},
        {"queryset": Category.objects.select_for_update()},
    ],
    ids=["bulk_lock", "select_for_update"],
)
def test_failed_operation_does_not_unlock_what_the_later_ones_change(
    api: APIClient, serve: Serve, members: dict[str, Any]
) -> None:
    """Its savepoint ends the locks that were taken in it."""
    held: list[bool] = []

    class HoldingViewSet(BulkModelViewSet):
        serializer_class = shop.CategorySerializer

        def perform_update(self, serializer: Any) -> None:
            if serializer.validated_data["name"] == "fail":
                raise RuntimeError("late")
            held.append(is_held(serializer.instance.pk))
            serializer.save()

    serve(type("MadeViewSet", (HoldingViewSet,), members))
    rows = CategoryFactory.create_batch(3)
    names = ("fail", "b", "c")

    response = api.patch(
        "/things/bulk/",
        [{"id": row.pk, "name": name} for row, name in zip(rows, names, strict=True)],
    )

    assert get_statuses(response) == [500, 200, 200]
    assert held == [True, True]


def is_held(pk: int) -> bool:
    """Whether another connection finds a row locked."""
    other = connection.copy()
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM shop_category WHERE id = %s FOR UPDATE NOWAIT", [pk]
            )
    except OperationalError:
        return True
    finally:
        other.rollback()
        other.close()
    return False


class OtherRouter:
    """Keeps events in the other database."""

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        """Read events there."""
        return "other" if model is Event else None

    db_for_write = db_for_read


@pytest.fixture
def router(settings: Any) -> None:
    """Keep events in the other database."""
    settings.DATABASE_ROUTERS = ["tests.strategies.test_base.OtherRouter"]


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
            "EXCEPTION_HANDLER": "tests.strategies.test_base.handle",
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
