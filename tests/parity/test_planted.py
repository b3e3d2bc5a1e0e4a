"""The differential test can fail: each bug that is planted here is found by it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from hypothesis import HealthCheck, Phase, given, settings

from multistatus_app.handlers import Handler
from multistatus_app.lending import Loan
from multistatus_app.lookups import RelatedRows, UniqueValues
from multistatus_app.mixins import BulkModelMixin
from multistatus_app.singles import Singles
from multistatus_app.strategies import per_operation
from multistatus_app.targets import Targets
from tests.parity.differential import Differential, Divergence
from tests.parity.histories import History, histories
from tests.parity.resources import RESOURCES

# The bugs are not those of a database.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]

HISTORIES = 250
"""How many of each resource: no more than the differential test runs."""

Plant = Callable[[pytest.MonkeyPatch], None]


def plant_wrong_instance(patch: pytest.MonkeyPatch) -> None:
    """A unique value that is taken counts as the instance's own."""
    stock = UniqueValues.is_free

    def is_free(self: Any, value: Any, instance: Any) -> bool:
        return stock(self, value, instance) or (
            instance is not None and bool((self._taken or {}).get(value))
        )

    patch.setattr(UniqueValues, "is_free", is_free)


def plant_missed_object_permission(patch: pytest.MonkeyPatch) -> None:
    """A target that was fetched for the batch is not checked."""
    stock = BulkModelMixin.get_object

    def get_object(self: Any) -> Any:
        if self._single.operation is not None and self._single.targets is not None:
            instance = self._single.targets.get(self, self._single.operation.key)
            if instance is not None:
                return instance
        return stock(self)

    patch.setattr(BulkModelMixin, "get_object", get_object)


def plant_stale_target(patch: pytest.MonkeyPatch) -> None:
    """A target stays as it was before the earlier operations."""
    patch.setattr(Targets, "note", _do_nothing)
    patch.setattr(Targets, "forget", _do_nothing)


def plant_target_of_siblings(patch: pytest.MonkeyPatch) -> None:
    """A target stays as it was before an earlier operation wrote it from a hook."""
    patch.setattr(Targets, "note", _do_nothing)


def plant_stale_related_row(patch: pytest.MonkeyPatch) -> None:
    """A related row stays as it was before the earlier operations."""
    patch.setattr(RelatedRows, "note", _do_nothing)


def plant_stale_unique_value(patch: pytest.MonkeyPatch) -> None:
    """A value stays free that an earlier operation took."""
    patch.setattr(UniqueValues, "note", _do_nothing)


def plant_leaked_savepoint(patch: pytest.MonkeyPatch) -> None:
    """What an operation wrote stays when it fails."""
    leaking = SimpleNamespace(
        atomic=lambda using: nullcontext(), get_rollback=transaction.get_rollback
    )
    patch.setattr(per_operation, "transaction", leaking)


def plant_pk_of_rolled_back(patch: pytest.MonkeyPatch) -> None:
    """A create that failed after saving has the path that it nearly had."""
    stock = Handler.explain

    def explain(self: Any, operation: Any, exc: Exception) -> Any:
        serializer = self._view and self._view._single.used_serializer
        outcome = stock(self, operation, exc)
        pk = getattr(serializer and serializer.instance, "pk", None)
        if pk is None:
            return outcome
        return replace(outcome, href=self.singles.paths.get_href(str(pk)))

    patch.setattr(Handler, "explain", explain)


def plant_leaking_serializer(patch: pytest.MonkeyPatch) -> None:
    """The serializer is lent with what the last operation left in it."""

    def lend(
        self: Any, context: Any, instance: Any, data: Any, *, partial: bool
    ) -> Any:
        serializer = self._serializer
        vars(serializer).pop("_data", None)
        vars(serializer).pop("_errors", None)
        serializer.instance, serializer.partial = instance, partial
        serializer._context, serializer.initial_data = dict(context), data
        return serializer

    patch.setattr(Loan, "lend", lend)


def plant_wrong_action(patch: pytest.MonkeyPatch) -> None:
    """The view of a PATCH has the action of a PUT."""
    stock = Singles.get_view

    def get_view(self: Any, *args: Any, **kwargs: Any) -> Any:
        view: Any = stock(self, *args, **kwargs)
        if view.action == "partial_update":
            view.action = "update"
        return view

    patch.setattr(Singles, "get_view", get_view)


def plant_on_commit_of_rolled_back(patch: pytest.MonkeyPatch) -> None:
    """The on_commit callbacks of an operation that failed are run."""
    stock = BaseDatabaseWrapper.savepoint_rollback

    def savepoint_rollback(self: Any, sid: Any) -> None:
        callbacks = list(self.run_on_commit)
        stock(self, sid)
        self.run_on_commit = callbacks

    patch.setattr(BaseDatabaseWrapper, "savepoint_rollback", savepoint_rollback)


def _do_nothing(*args: Any, **kwargs: Any) -> None:
    """Do nothing."""


TRAITS = {
    plant_target_of_siblings: "WritesSiblings",
    plant_stale_related_row: "WritesSiblings",
}
"""The trait that a bug needs, where hooks of another kind cannot show it."""

# With each, the models that can show it: the rest would only take time.
PLANTS: dict[Plant, tuple[str, ...]] = {
    plant_wrong_instance: ("shelf", "author"),
    plant_missed_object_permission: ("shelf", "book"),
    plant_stale_target: ("shelf", "order", "label"),
    plant_target_of_siblings: ("shelf", "label", "genre", "author", "loan", "ticket"),
    plant_stale_related_row: ("loan", "stub", "book"),
    plant_stale_unique_value: ("shelf", "author", "ticket"),
    plant_leaked_savepoint: ("shelf", "label"),
    plant_pk_of_rolled_back: ("label", "shelf"),
    plant_leaking_serializer: ("label", "shelf"),
    plant_wrong_action: ("shelf",),
    plant_on_commit_of_rolled_back: ("book", "genre", "shelf"),
}


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_planted_bug_is_found(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)

    assert any(_finds(resource, TRAITS.get(plant)) for resource in PLANTS[plant])


def test_nothing_planted() -> None:
    assert not _finds("shelf")


def _finds(resource: str, trait: str | None = None) -> bool:
    assert resource in RESOURCES
    # The mistakes are planted where operations are run one by one.
    differential = Differential(smallest_set=None)
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
