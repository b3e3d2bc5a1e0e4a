"""What is told where there are several transactions, and of commits that fail."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from rest_framework.test import APIClient

from multistatus_app.signals import undone
from multistatus_app.strategies import refusals
from tests.answers import get_statuses
from tests.conftest import Serve
from tests.shop.models import Category
from tests.signals.conftest import Heard
from tests.signals.viewsets import (
    AloneViewSet,
    ChunkedViewSet,
    HookedViewSet,
    RetriedViewSet,
    create,
)

pytestmark = pytest.mark.django_db


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
