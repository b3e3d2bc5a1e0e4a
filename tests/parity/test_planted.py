"""The differential test can fail: each bug that is planted here is found by it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from hypothesis import HealthCheck, Phase, given, settings

from multistatus_app.handlers import (
    Batch,
    Handler,
    get_state,
    handlers,
    requests,
)
from multistatus_app.handlers.serializers import SerializerTemplate
from multistatus_app.handlers.throttles import Throttles
from multistatus_app.mixins import BulkModelMixin
from multistatus_app.sets.lookups import UniqueValues
from multistatus_app.strategies import savepoints
from tests.parity.differential import Differential, Divergence
from tests.parity.histories import History, histories
from tests.parity.resources import RESOURCES

# The bugs are not those of a database.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]

HISTORIES = 250
"""How many of each resource: no more than the differential test runs."""

Plant = Callable[[pytest.MonkeyPatch], None]


def plant_missed_object_permission(patch: pytest.MonkeyPatch) -> None:
    """The target of an operation is not checked."""
    stock = BulkModelMixin.get_object

    def get_object(self: Any) -> Any:
        if get_state(self.request) is None:
            return stock(self)
        with pytest.MonkeyPatch.context() as unchecked:
            unchecked.setattr(type(self), "check_object_permissions", _do_nothing)
            return stock(self)

    patch.setattr(BulkModelMixin, "get_object", get_object)


def plant_stale_unique_value(patch: pytest.MonkeyPatch) -> None:
    """A value stays free that an earlier operation took."""
    patch.setattr(UniqueValues, "note", _do_nothing)


def plant_leaked_savepoint(patch: pytest.MonkeyPatch) -> None:
    """What an operation wrote stays when it fails."""
    leaking = SimpleNamespace(
        atomic=lambda using: nullcontext(),
        get_rollback=transaction.get_rollback,
        set_rollback=_do_nothing,
    )
    patch.setattr(savepoints, "transaction", leaking)
    patch.setattr(savepoints.Savepoints, "roll_back", _do_nothing)


def plant_pk_of_rolled_back(patch: pytest.MonkeyPatch) -> None:
    """A create that failed after saving has the path that it nearly had."""
    stock = Handler._read

    def read(self: Any, state: Any, response: Any) -> Any:
        outcome = stock(self, state, response)
        pk = getattr(state.serializer and state.serializer.instance, "pk", None)
        if pk is None or outcome.ok:
            return outcome
        return replace(outcome, href=self.paths.get_href(str(pk)))

    patch.setattr(Handler, "_read", read)


def plant_leaking_serializer(patch: pytest.MonkeyPatch) -> None:
    """The serializer comes with what the last operation left in it."""
    stock = SerializerTemplate.clone

    def clone(self: Any, context: Any, *args: Any, **kwargs: Any) -> Any:
        fresh = stock(self, context, *args, **kwargs)
        serializer = vars(self).setdefault("leaking", fresh)
        for name in ("instance", "partial", "_context", "initial_data"):
            if name in vars(fresh):
                setattr(serializer, name, getattr(fresh, name))
        for name in ("_data", "_errors"):
            vars(serializer).pop(name, None)
        return serializer

    patch.setattr(SerializerTemplate, "clone", clone)


def plant_wrong_action(patch: pytest.MonkeyPatch) -> None:
    """The view of a PATCH has the action of a PUT."""
    stock = BulkModelMixin.initial

    def initial(self: Any, *args: Any, **kwargs: Any) -> None:
        if self.action == "partial_update" and get_state(self.request) is not None:
            self.action = "update"
        stock(self, *args, **kwargs)

    patch.setattr(BulkModelMixin, "initial", initial)


def plant_data_of_the_batch(patch: pytest.MonkeyPatch) -> None:
    """A PATCH is given what the last operation sent, too."""
    stock, last = Batch.hand_over, {}

    def hand_over(self: Any, state: Any, request: Any) -> None:
        stock(self, state, request)
        if isinstance(request._full_data, dict):
            data = last | request._full_data
            last.clear()
            last.update(request._full_data)
            request._data = request._full_data = data

    patch.setattr(Batch, "hand_over", hand_over)


def plant_on_commit_of_rolled_back(patch: pytest.MonkeyPatch) -> None:
    """The on_commit callbacks of an operation that failed are run."""
    stock = BaseDatabaseWrapper.savepoint_rollback

    def savepoint_rollback(self: Any, sid: Any) -> None:
        callbacks = list(self.run_on_commit)
        stock(self, sid)
        self.run_on_commit = callbacks

    patch.setattr(BaseDatabaseWrapper, "savepoint_rollback", savepoint_rollback)


def plant_shared_attributes(patch: pytest.MonkeyPatch) -> None:
    """What middleware hung on the request is one object for all operations."""
    patch.setattr(requests, "own_copy", lambda data: data)


def plant_view_without_its_wrapper(patch: pytest.MonkeyPatch) -> None:
    """What urls.py puts around a view is passed over."""
    stock = handlers.call_view

    def call_view(place: Any, http: Any, state: Any) -> Any:
        match = copy.copy(place.match)
        match.func = getattr(match.func, "__wrapped__", match.func)
        return stock(place._replace(match=match), http, state)

    patch.setattr(handlers, "call_view", call_view)


def plant_lost_rows_of_handlers(patch: pytest.MonkeyPatch) -> None:
    """What a handler wrote goes with what failed."""
    stock = savepoints.Savepoints.fail

    def fail(self: Any, constraints: Any) -> None:
        self.is_undone = False
        stock(self, constraints)

    patch.setattr(savepoints.Savepoints, "fail", fail)


def plant_rows_of_doomed_handlers(patch: pytest.MonkeyPatch) -> None:
    """What a handler wrote is kept, though ATOMIC_REQUESTS rolls it back."""
    stock = savepoints.Savepoints.fail

    def fail(self: Any, constraints: Any) -> None:
        for alias in self.databases:
            transaction.set_rollback(False, using=alias)
        stock(self, constraints)

    patch.setattr(savepoints.Savepoints, "fail", fail)


def plant_free_of_charge(patch: pytest.MonkeyPatch) -> None:
    """Only the first operation is throttled."""
    patch.setattr(Throttles, "is_asked", lambda self, index: index > 0)


def _do_nothing(*args: Any, **kwargs: Any) -> None:
    """Do nothing."""


# With each, the models that can show it: the rest would only take time.
PLANTS: dict[Plant, tuple[str, ...]] = {
    plant_leaked_savepoint: ("shelf", "label"),
    plant_pk_of_rolled_back: ("label", "shelf"),
    plant_leaking_serializer: ("label", "shelf"),
    plant_wrong_action: ("shelf",),
    plant_data_of_the_batch: ("shelf", "book"),
    plant_on_commit_of_rolled_back: ("book", "genre", "shelf", "order", "paperback"),
}
# With each, a viewset of which it is a part.
PLANTS_BY_TRAIT: dict[Plant, tuple[str, str]] = {
    plant_missed_object_permission: ("shelf", "ObjectPermissions"),
    plant_shared_attributes: ("label", "HangsOn"),
    plant_view_without_its_wrapper: ("label", "Wrapped"),
    plant_lost_rows_of_handlers: ("label", "FinalizesWithRows"),
    plant_rows_of_doomed_handlers: ("label", "HandlesWithRows"),
    plant_free_of_charge: ("label", "ThrottlesByUser"),
}
PLANTS_IN_SETS: dict[Plant, tuple[str, ...]] = {
    plant_stale_unique_value: ("shelf", "author", "ticket"),
}


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_planted_bug_is_found(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)

    assert any(_finds(resource) for resource in PLANTS[plant])


@pytest.mark.parametrize("plant", PLANTS_BY_TRAIT, ids=lambda plant: plant.__name__)
def test_planted_bug_around_the_action_is_found(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)

    resource, trait = PLANTS_BY_TRAIT[plant]
    assert _finds(resource, trait)


@pytest.mark.parametrize("plant", PLANTS_IN_SETS, ids=lambda plant: plant.__name__)
def test_planted_bug_in_sets_is_found(
    plant: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)

    assert any(_finds(resource, smallest_set=1) for resource in PLANTS_IN_SETS[plant])


def test_nothing_planted() -> None:
    assert not _finds("shelf")


def _finds(
    resource: str, trait: str | None = None, *, smallest_set: int | None = None
) -> bool:
    assert resource in RESOURCES
    differential = Differential(smallest_set=smallest_set)
    found: list[Divergence] = []

    @settings(
        max_examples=HISTORIES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(history=histories(resource, trait))
    def search(history: History) -> None:
        if not found:
            try:
                differential.check(history)
            except Divergence as divergence:
                found.append(divergence)

    search()
    return bool(found)
