"""Several transactions for a request, and a transaction that is tried again."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from rest_framework.test import APIClient

from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import get_results, get_statuses
from tests.conftest import Serve
from tests.factories import ProductFactory
from tests.shop import serializers as shop
from tests.shop.models import Category, Product

pytestmark = pytest.mark.django_db(transaction=True)


class CommittingViewSet(BulkModelViewSet):
    """Commits after each two operations; a name can end its connection."""

    queryset = Category.objects.all()
    serializer_class = shop.CategorySerializer
    bulk_commit_every = 2
    commits: list[str] = []  # a test looks into it

    def perform_create(self, serializer: Any) -> None:
        """Save, and note what had been committed by then."""
        category = serializer.save()
        transaction.on_commit(lambda: self.commits.append(category.name))
        if category.name == "lost":
            if connection.vendor == "sqlite":  # which has no connection to lose
                raise OperationalError("database is locked")
            connection.close()


@pytest.fixture(autouse=True)
def _no_commits() -> None:
    CommittingViewSet.commits.clear()


def create(api: APIClient, names: str, options: str = "") -> Any:
    return api.post(
        f"/things/bulk/{options}", [{"name": name} for name in names.split()]
    )


def test_success_commits_on_the_way(api: APIClient, serve: Serve) -> None:
    serve(CommittingViewSet)

    response = create(api, "a b a c d")

    assert get_statuses(response) == [201, 201, 400, 201, 201]
    assert CommittingViewSet.commits == ["a", "b", "c", "d"]


def test_fail_after_a_commit_is_a_true_207(api: APIClient, serve: Serve) -> None:
    serve(CommittingViewSet)

    response = create(api, "a b c lost d e")

    assert get_statuses(response) == [201, 201, 503, 503, 503, 503]
    reason = (
        "Another transaction was changing the same rows, and the database gave this "
        "one up: a deadlock, or a serialization failure. It was not kept; send it "
        "again."
        if connection.vendor == "sqlite"
        else "The database could not complete it. It was not kept; send it again."
    )
    assert get_results(response)[2] == {
        "index": 2,
        "method": "POST",
        "status": 503,
        "error": {
            "status": 503,
            "title": "Service Unavailable",
            "code": "database_unavailable",
            "detail": reason,
        },
        "retry_after": 1,
    }
    assert response.json()["summary"] == {
        "total": 6, "succeeded": 2, "failed": 4, "committed": True,
    }  # fmt: skip
    assert sorted(Category.objects.values_list("name", flat=True)) == ["a", "b"]


def test_fail_before_a_commit_is_a_503(api: APIClient, serve: Serve) -> None:
    serve(CommittingViewSet)

    response = create(api, "a lost b")

    assert response.status_code == 503
    assert not Category.objects.exists()


@pytest.mark.parametrize("options", ["?atomic=true", "?dry_run=true"])
def test_options_need_one_transaction(
    api: APIClient, serve: Serve, options: str
) -> None:
    serve(CommittingViewSet)

    response = create(api, "a b c d a", options)

    assert response.json()["summary"]["committed"] is False
    assert CommittingViewSet.commits == []
    assert not Category.objects.exists()


class DeadlockedViewSet(BulkModelViewSet):
    """Meets a deadlock as often as the test wants."""

    queryset = Category.objects.all()
    serializer_class = shop.CategorySerializer
    bulk_retries = 2
    bulk_replayable = True
    deadlocks = 0
    runs = 0

    def perform_create(self, serializer: Any) -> None:
        """Save, and meet it."""
        serializer.save()
        cls = type(self)
        cls.runs += 1
        if cls.runs <= cls.deadlocks:
            raise OperationalError(1213, "Deadlock found")


@pytest.fixture
def deadlocked(serve: Serve) -> type[DeadlockedViewSet]:
    """Serve a viewset of the test's own."""

    class ViewSet(DeadlockedViewSet):
        pass

    serve(ViewSet)
    return ViewSet


def test_success_after_two_deadlocks(
    api: APIClient, deadlocked: type[DeadlockedViewSet]
) -> None:
    deadlocked.deadlocks = 2

    response = create(api, "a b")

    assert get_statuses(response) == [201, 201]
    assert deadlocked.runs == 4
    assert sorted(Category.objects.values_list("name", flat=True)) == ["a", "b"]


def test_fail_after_the_last_retry(
    api: APIClient, deadlocked: type[DeadlockedViewSet]
) -> None:
    deadlocked.deadlocks = 9

    assert create(api, "a b").status_code == 503
    assert deadlocked.runs == 3
    assert not Category.objects.exists()


def test_what_a_hook_wrote_is_not_written_twice(
    api: APIClient, deadlocked: type[DeadlockedViewSet]
) -> None:
    """It may have told others: nobody's mail goes out twice."""
    deadlocked.deadlocks = 1
    deadlocked.bulk_replayable = False

    assert create(api, "a").status_code == 503
    assert deadlocked.runs == 1


def test_what_no_code_of_the_project_wrote_is_run_again(
    api: APIClient, serve: Serve
) -> None:
    class StockViewSet(BulkModelViewSet):
        queryset = Category.objects.all()
        serializer_class = shop.CategorySerializer

    serve(StockViewSet)
    met = []

    def meet(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("INSERT") and not met:
            met.append(sql)
            raise OperationalError(1213, "Deadlock found")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(meet):
        response = create(api, "a b")

    assert len(met) == 1
    assert get_statuses(response) == [201, 201]
    assert sorted(Category.objects.values_list("name", flat=True)) == ["a", "b"]


@pytest.mark.parametrize("lock", [None, "nowait"])
def test_what_a_callback_changed_between_commits_is_not_overwritten(
    api: APIClient, serve: Serve, lock: Any
) -> None:
    one, two = ProductFactory.create_batch(2, stock=1)

    class CallingViewSet(BulkModelViewSet):
        queryset = Product.objects.all()
        serializer_class = shop.ProductSerializer
        bulk_commit_every = 1
        bulk_lock = lock

        def perform_update(self, serializer: Any) -> None:
            if serializer.save().pk == one.pk:
                transaction.on_commit(
                    lambda: Product.objects.filter(pk=two.pk).update(stock=6)
                )

    serve(CallingViewSet)

    response = api.patch(
        "/things/bulk/", [{"id": one.pk, "name": "one"}, {"id": two.pk, "name": "two"}]
    )

    assert get_statuses(response) == [200, 200]
    two.refresh_from_db()
    assert (two.name, two.stock) == ("two", 6)
    assert get_results(response)[1]["data"]["stock"] == 6
