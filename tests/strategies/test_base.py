"""One transaction for the request: its options, its end, and how it may fail."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.db import connection, transaction
from rest_framework.test import APIClient

from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_error, get_results, get_statuses, op
from tests.conftest import Serve
from tests.factories import CategoryFactory, ProductFactory
from tests.shop import serializers as shop
from tests.shop import views
from tests.shop.models import Category, Product, Review
from tests.strategies.databases import get_categories, needs_postgresql

pytestmark = pytest.mark.django_db(transaction=True)

CONFLICT = {
    "detail": "Another transaction was changing the same rows, and the database gave "
    "this one up: a deadlock, or a serialization failure. Nothing of the request was "
    "kept; send it again."
}

UNAVAILABLE = {
    "detail": "The database could not complete the request. Nothing of it was kept; "
    "send it again."
}

BROKEN_CHECK = "The database refused it: it would break a check constraint."
SUMMARY = "Multistatus-Summary"


@pytest.fixture(params=[False, True], ids=["autocommit", "ATOMIC_REQUESTS"])
def atomic_requests(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> bool:
    """Run a test with ATOMIC_REQUESTS off and on."""
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", request.param)
    return bool(request.param)


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
        BROKEN_CHECK,
        "1 field is not valid.",
        None,
        None,
        None,
        "No Product matches the given query.",
        BROKEN_CHECK,
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
