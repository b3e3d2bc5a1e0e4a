"""The signals: what was rolled back after code of the project had run, and the rest."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from adrf.routers import SimpleRouter as AsyncRouter
from adrf.serializers import ModelSerializer as AsyncModelSerializer
from adrf.viewsets import ModelViewSet as AsyncModelViewSet
from django.core.cache import cache
from django.db import DatabaseError, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.test import APIClient
from rest_framework.views import exception_handler as handle_as_usual

from multistatus_app.handlers import traces
from multistatus_app.handlers.traces import Traces
from multistatus_app.mixins import BulkModelMixin
from multistatus_app.signals import processed, undone
from multistatus_app.strategies import refusals
from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_statuses, op
from tests.conftest import Serve
from tests.factories import CategoryFactory
from tests.shop import models
from tests.shop import serializers as shop
from tests.shop.models import Category

pytestmark = pytest.mark.django_db


class HookedViewSet(BulkModelViewSet):
    """Refuses what is called odd, after it was saved."""

    queryset = Category.objects.all()
    serializer_class = shop.CategorySerializer

    def perform_create(self, serializer: Any) -> None:
        """Save, then refuse."""
        if serializer.save().name.startswith("odd"):
            raise serializers.ValidationError("Odd.")


class ReplayableViewSet(HookedViewSet):
    """In groups."""

    bulk_replayable = True


class StockViewSet(BulkModelViewSet):
    """Written in sets, with nobody else involved."""

    queryset = Category.objects.all()
    serializer_class = shop.CategorySerializer


class SavingViewSet(StockViewSet):
    """Written in sets, by a hook that is run for each."""

    bulk_replayable = True

    def perform_create(self, serializer: Any) -> None:
        """Count, and save."""
        cache.incr("saved")
        serializer.save()


class BulkHookViewSet(StockViewSet):
    """Writes sets itself."""

    def perform_bulk_create(self, serializer: Any, operations: Any) -> None:
        """Save them, and refuse what is called odd."""
        for each in operations:
            each.instance.save()
        if any(each.instance.name.startswith("odd") for each in operations):
            raise RuntimeError("Odd.")

    def perform_bulk_destroy(self, serializer: Any, operations: Any) -> None:
        """Delete them; Django takes their keys away."""
        for each in operations:
            each.instance.delete()


class RefusingViewSet(StockViewSet):
    """Changes or deletes, then refuses."""

    def perform_update(self, serializer: Any) -> None:
        """Save, then refuse."""
        serializer.save()
        raise serializers.ValidationError("Too late.")

    def perform_destroy(self, instance: Any) -> None:
        """Delete, then refuse."""
        instance.delete()
        raise serializers.ValidationError("Too late.")


class AloneViewSet(HookedViewSet):
    """Each operation by itself."""

    bulk_commit_every = 1


class ChunkedViewSet(HookedViewSet):
    """Commits after two."""

    bulk_commit_every = 2


class RetriedViewSet(HookedViewSet):
    """Is run again, with all its code."""

    bulk_replayable = True
    bulk_retries = 1


class AsyncCategorySerializer(AsyncModelSerializer):
    """Stock."""

    class Meta:
        model = Category
        fields = ["id", "name"]


Heard = list[tuple[tuple[int, ...], list[str]]]


@pytest.fixture
def heard() -> Iterator[Heard]:
    """Hear what was undone: the indices, and the names of the instances."""
    told: Heard = []

    def hear(
        sender: Any, databases: Any, operations: Any, instances: Any, **_: Any
    ) -> None:
        assert issubclass(sender, BulkModelMixin)
        assert databases == ("default",)
        # Receivers may ask: it is undone by now, and its key is known.
        assert not Category.objects.filter(name="odd").exists()
        assert all(each.pk for each in instances)
        told.append(
            (tuple(each.index for each in operations), [str(i) for i in instances])
        )

    undone.connect(hear)
    yield told
    undone.disconnect(hear)


def create(api: APIClient, names: str, query: str = "") -> Any:
    return api.post(f"/things/bulk/{query}", [{"name": each} for each in names.split()])


def test_an_operation_that_failed_after_it_wrote(
    api: APIClient, serve: Serve, heard: Heard
) -> None:
    serve(HookedViewSet)

    response = create(api, "a odd b")

    assert get_statuses(response) == [201, 400, 201]
    assert heard == [((1,), ["odd"])]


def test_one_alone(api: APIClient, serve: Serve, heard: Heard) -> None:
    serve(HookedViewSet)

    assert get_statuses(create(api, "odd")) == [400]
    assert heard == [((0,), ["odd"])]


def test_what_wrote_nothing_was_not_undone(
    api: APIClient, serve: Serve, heard: Heard
) -> None:
    serve(HookedViewSet)

    response = api.post("/things/batch/", batch(op("POST", data={}), op("DELETE", 0)))

    assert get_statuses(response) == [400, 404]
    assert heard == []


@pytest.mark.parametrize("names", ["a b", "a b c d e f"])
def test_a_dry_run(api: APIClient, serve: Serve, heard: Heard, names: str) -> None:
    serve(HookedViewSet)

    create(api, names, "?dry_run=1")

    assert heard == [(tuple(range(len(names.split()))), names.split())]


def test_an_atomic_request_that_failed(
    api: APIClient, serve: Serve, heard: Heard
) -> None:
    serve(HookedViewSet)

    response = create(api, "a odd b", "?atomic=1")

    assert get_statuses(response) == [424, 400, 424]
    assert heard == [((1,), ["odd"]), ((0, 2), ["a", "b"])]


def test_a_group_that_is_replayed(api: APIClient, serve: Serve, heard: Heard) -> None:
    serve(ReplayableViewSet)

    create(api, "a odd b")

    assert heard == [((0, 1), ["a", "odd"]), ((1,), ["odd"])]


@pytest.mark.parametrize("viewset", [StockViewSet, SavingViewSet, BulkHookViewSet])
def test_sets_tell_where_code_of_the_project_ran(
    api: APIClient, serve: Serve, heard: Heard, viewset: Any
) -> None:
    cache.set("saved", 0)
    serve(viewset)

    create(api, "a b c d e f", "?dry_run=1")

    told = [(tuple(range(6)), list("abcdef"))]
    assert heard == ([] if viewset is StockViewSet else told)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("viewset", [StockViewSet, BulkHookViewSet])
def test_a_hook_that_writes_sets_is_not_run_again(
    api: APIClient, serve: Serve, monkeypatch: pytest.MonkeyPatch, viewset: Any
) -> None:
    tries: list[int] = []

    def commit(self: Any) -> None:
        tries.append(1)
        raise OperationalError("deadlock detected")

    serve(viewset)
    monkeypatch.setattr(type(connections["default"]), "_commit", commit)
    monkeypatch.setattr(refusals, "ends_transaction", lambda exc: True)

    assert create(api, "a b c d e").status_code == 503
    assert (len(tries) > 1) is (viewset is StockViewSet)


def test_a_set_that_its_hook_fails(api: APIClient, serve: Serve, heard: Heard) -> None:
    serve(BulkHookViewSet)

    assert get_statuses(create(api, "a b c odd")) == [201, 201, 201, 201]
    assert heard == [((0, 1, 2, 3), ["a", "b", "c", "odd"])]


@pytest.mark.parametrize("size", [2, 5])
def test_deleted_instances_have_their_keys(
    api: APIClient, serve: Serve, size: int
) -> None:
    told = []

    def hear(instances: Any, **_: Any) -> None:
        told.extend((each.pk, each.name) for each in instances)

    serve(BulkHookViewSet)
    rows = CategoryFactory.create_batch(size)
    undone.connect(hear)
    try:
        response = api.delete("/things/bulk/?dry_run=1", [each.pk for each in rows])
    finally:
        undone.disconnect(hear)

    assert get_statuses(response) == [204] * size
    # Below the size of a set, nothing but Django's own delete() was run.
    assert told == [(each.pk, each.name) for each in rows]


def test_changed_and_deleted_instances(
    api: APIClient, serve: Serve, heard: Heard
) -> None:
    serve(RefusingViewSet)
    rows = CategoryFactory.create_batch(2)

    response = api.post(
        "/things/batch/",
        batch(op("PATCH", rows[0].pk, {"name": "new"}), op("DELETE", rows[1].pk)),
    )

    assert get_statuses(response) == [400, 400]
    assert heard == [((0,), ["new"]), ((1,), [rows[1].name])]


def test_told_before_the_handler_of_the_project_words_it(
    api: APIClient, serve: Serve, heard: Heard, settings: Any
) -> None:
    def handle(exc: Exception, context: Any) -> Any:
        when.append(list(heard))
        return handle_as_usual(exc, context)

    when: list[Heard] = []
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"EXCEPTION_HANDLER": handle}
    serve(HookedViewSet)

    create(api, "a odd b")

    assert when == [heard] == [[((1,), ["odd"])]]


def test_what_a_handler_wrote_of_a_failure_is_undone_too(
    api: APIClient, serve: Serve, heard: Heard, settings: Any
) -> None:
    def handle(exc: Exception, context: Any) -> Any:
        models.Event.objects.create(text="Refused.")
        return handle_as_usual(exc, context)

    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"EXCEPTION_HANDLER": handle}
    serve(HookedViewSet)

    create(api, "a odd b", "?atomic=1")

    assert heard == [((1,), ["odd"]), ((0, 1, 2), ["a", "b"])]
    assert not models.Event.objects.exists()


@pytest.mark.parametrize("is_atomic", [False, True])
@pytest.mark.django_db(transaction=True)
def test_operations_by_themselves(
    api: APIClient,
    serve: Serve,
    heard: Heard,
    monkeypatch: pytest.MonkeyPatch,
    is_atomic: bool,
) -> None:
    database = connections["default"].settings_dict
    monkeypatch.setitem(database, "ATOMIC_REQUESTS", is_atomic)
    serve(AloneViewSet)

    assert get_statuses(create(api, "a odd b")) == [201, 400, 201]
    # Without it nothing is undone, as singly.
    assert Category.objects.filter(name="odd").exists() is not is_atomic
    assert heard == ([((1,), ["odd"])] if is_atomic else [])


@pytest.mark.django_db(transaction=True)
def test_chunks_of_which_a_later_one_fails(
    api: APIClient, serve: Serve, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = type(connections["default"])._commit
    commits: list[int] = []

    def commit_once(self: Any) -> None:
        commits.append(1)
        if len(commits) > 1:
            raise DatabaseError("No.")
        commit(self)

    serve(ChunkedViewSet)
    monkeypatch.setattr(type(connections["default"]), "_commit", commit_once)

    response = create(api, "a b c d e")
    monkeypatch.undo()

    assert get_statuses(response) == [201, 201, 503, 503, 503]
    assert heard == [((2, 3), ["c", "d"])]


@pytest.mark.django_db(transaction=True)
def test_a_retry(
    api: APIClient, serve: Serve, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = type(connections["default"])._commit
    tries: list[int] = []

    def commit_at_last(self: Any) -> None:
        tries.append(1)
        if len(tries) == 1:
            raise OperationalError("database is locked")
        commit(self)

    serve(RetriedViewSet)
    monkeypatch.setattr(type(connections["default"]), "_commit", commit_at_last)
    monkeypatch.setattr(refusals, "ends_transaction", lambda exc: True)

    response = create(api, "a b")

    assert get_statuses(response) == [201, 201]
    assert heard == [((0, 1), ["a", "b"])]


@pytest.mark.django_db(transaction=True, databases=["default", "other"])
def test_of_two_databases_one_is_committed(
    api: APIClient, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []

    def hear(databases: Any, **_: Any) -> None:
        told.append(databases)

    def commit(self: Any) -> None:
        if self.alias == "default":
            raise DatabaseError("No.")
        committed(self)

    serve(HookedViewSet)
    other = connections["other"]
    monkeypatch.setitem(other.settings_dict, "ATOMIC_REQUESTS", True)
    committed = BaseDatabaseWrapper._commit
    monkeypatch.setattr(BaseDatabaseWrapper, "_commit", commit)
    undone.connect(hear)
    try:
        assert create(api, "a b").status_code == 503
    finally:
        undone.disconnect(hear)

    assert told == [("default",)]


@pytest.mark.django_db(transaction=True)
def test_a_commit_that_fails(
    api: APIClient, serve: Serve, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    def commit(self: Any) -> None:
        raise DatabaseError("No.")

    serve(HookedViewSet)
    monkeypatch.setattr(type(connections["default"]), "_commit", commit)

    assert create(api, "a b").status_code == 503
    assert heard == [((0, 1), ["a", "b"])]


def test_a_receiver_that_fails_harms_nobody(
    api: APIClient, serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(**kwargs: Any) -> None:
        raise RuntimeError("Bad luck.")

    serve(HookedViewSet)
    undone.connect(fail)
    try:
        response = create(api, "a odd b")
    finally:
        undone.disconnect(fail)

    assert get_statuses(response) == [201, 400, 201]
    (record,) = caplog.records
    assert (record.levelno, record.name) == (logging.ERROR, "django.dispatch")


def test_a_receiver_that_breaks_its_transaction_harms_nobody(
    api: APIClient, serve: Serve
) -> None:
    def write_twice(**kwargs: Any) -> None:
        Category.objects.bulk_create([Category(name="twice") for _ in range(2)])

    serve(HookedViewSet)
    undone.connect(write_twice)
    try:
        response = create(api, "a odd b")
    finally:
        undone.disconnect(write_twice)

    assert get_statuses(response) == [201, 400, 201]
    assert set(Category.objects.values_list("name", flat=True)) == {"a", "b"}


def test_what_a_receiver_writes_is_known_to_later_operations(
    api: APIClient, serve: Serve
) -> None:
    def note(**kwargs: Any) -> None:
        Category.objects.create(name="noted")

    serve(HookedViewSet)
    undone.connect(note)
    try:
        response = create(api, "odd noted a b c")
    finally:
        undone.disconnect(note)

    assert get_statuses(response) == [400, 400, 201, 201, 201]


@pytest.mark.parametrize("names", ["a odd b", "a b c d e"])
def test_nothing_is_kept_where_nobody_listens(
    api: APIClient, serve: Serve, monkeypatch: pytest.MonkeyPatch, names: str
) -> None:
    def send(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("Nobody listens.")

    def note(self: Any, *args: Any, **kwargs: Any) -> None:
        noted(self, *args, **kwargs)
        assert not self._left

    noted = Traces.note
    serve(HookedViewSet)
    monkeypatch.setattr(traces, "send_undone", send)
    monkeypatch.setattr(Traces, "note", note)

    assert create(api, names, "?dry_run=1").status_code == 207


@pytest.mark.django_db(transaction=True)
def test_asynchronous_views(api: APIClient, serve: Serve, heard: Heard) -> None:
    class AsyncViewSet(BulkModelMixin, AsyncModelViewSet):
        queryset = Category.objects.all()
        serializer_class = AsyncCategorySerializer

        async def perform_acreate(self, serializer: Any) -> None:
            await serializer.asave()
            if serializer.instance.name.startswith("odd"):
                raise serializers.ValidationError("Odd.")

    serve(AsyncViewSet, AsyncRouter())

    assert get_statuses(create(api, "a odd b", "?atomic=1")) == [424, 400, 424]
    assert heard == [((1,), ["odd"]), ((0, 2), ["a", "b"])]


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
