"""Mistakes that are planted in sets are found."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.fields import CharField, DecimalField, IntegerField, SlugField
from rest_framework.relations import PrimaryKeyRelatedField
from rest_framework.test import APIClient

from multistatus_app.sets import accepting, relating, scalars
from multistatus_app.sets import many_to_many as links
from multistatus_app.sets.lookups import RelatedRows
from multistatus_app.sets.preparing import Preparation
from multistatus_app.sets.uniques import UniqueValues
from tests.conftest import Serve
from tests.strategies.batches import BATCHES
from tests.strategies.batches.base import Rows, needs_exact
from tests.strategies.sending import send

pytestmark = pytest.mark.django_db


def plant_untrimmed_text(patch: pytest.MonkeyPatch) -> None:
    """A text is kept with the blanks around it."""

    def compose(field: Any) -> Any:
        field.trim_whitespace = False
        return scalars.compose_text(field)

    patch.setitem(accepting._COMPOSERS, CharField, compose)


def plant_number_as_text(patch: pytest.MonkeyPatch) -> None:
    """A number is taken for a text without being made one."""

    def compose(field: Any) -> Any:
        accept = scalars.compose_text(field)
        assert accept is not None
        return lambda value, instance: (
            value if type(value) is int else accept(value, instance)
        )

    patch.setitem(accepting._COMPOSERS, SlugField, compose)


def plant_flag_as_number(patch: pytest.MonkeyPatch) -> None:
    """True is taken for 1."""

    def compose(field: Any) -> Any:
        accept = scalars.compose_integer(field)
        assert accept is not None
        return lambda value, instance: (
            int(value) if type(value) is bool else accept(value, instance)
        )

    patch.setitem(accepting._COMPOSERS, IntegerField, compose)


def plant_flag_as_key(patch: pytest.MonkeyPatch) -> None:
    """True is taken for the key 1."""

    def compose(field: Any) -> Any:
        accept = relating.compose_relation(field)
        assert accept is not None
        fetched = field.queryset._fetch()._found
        return lambda value, instance: (
            next(iter(fetched.values()))
            if type(value) is bool
            else accept(value, instance)
        )

    patch.setitem(accepting._COMPOSERS, PrimaryKeyRelatedField, compose)


def plant_unquantized_decimal(patch: pytest.MonkeyPatch) -> None:
    """A number may have as many places as it likes."""

    def compose(field: Any) -> Any:
        return lambda value, instance: Decimal(str(value))

    patch.setitem(accepting._COMPOSERS, DecimalField, compose)


def plant_unclaimed_values(patch: pytest.MonkeyPatch) -> None:
    """A value stays free that an earlier operation will take."""
    patch.setattr(UniqueValues, "claim", _do_nothing)


def plant_unreleased_values(patch: pytest.MonkeyPatch) -> None:
    """A value stays taken that an earlier operation lets go of."""
    patch.setattr(UniqueValues, "release", _do_nothing)
    patch.setattr(UniqueValues, "_note", _note_inserts)


def plant_everything_free(patch: pytest.MonkeyPatch) -> None:
    """A value is free whoever has it."""
    patch.setattr(UniqueValues, "is_free", lambda self, value, instance: True)


def plant_unexpected_rows(patch: pytest.MonkeyPatch) -> None:
    """A row that was missing stays so, though an earlier operation makes it."""
    patch.setattr(RelatedRows, "expect", _do_nothing)


def plant_key_that_stays_missing(patch: pytest.MonkeyPatch) -> None:
    """A key that an earlier operation gives to a row is answered as unknown."""
    patch.setattr(Preparation, "_lookup_column", "none", raising=False)
    stock = Preparation.__init__

    def init(self: Any, *args: Any) -> None:
        stock(self, *args)
        self._lookup_column = "none"

    patch.setattr(Preparation, "__init__", init)


def plant_links_left(patch: pytest.MonkeyPatch) -> None:
    """Links that are no longer wanted stay."""
    patch.setattr(links, "_fetch", lambda *args: iter(()))


def _do_nothing(*args: Any, **kwargs: Any) -> None:
    """Do nothing."""


def _note_inserts(self: Any, write: Any) -> bool:
    return True


PLANTS: dict[Callable[[pytest.MonkeyPatch], None], str] = {
    plant_untrimmed_text: "names_untrimmed",
    plant_number_as_text: "odd_spellings",
    plant_flag_as_number: "creates_refused_by_validation",
    plant_flag_as_key: "flags_for_keys",
    plant_unquantized_decimal: "creates_refused_by_validation",
    plant_unclaimed_values: "names_untrimmed",
    plant_unreleased_values: "values_freed_and_claimed",
    plant_everything_free: "creates_refused_by_validation",
    plant_unexpected_rows: "parents_made_earlier_by_key",
    plant_key_that_stays_missing: "renamed_in_one_method",
    plant_links_left: "patches_that_are_refused",
}
"""Each with the batch that shows it."""


@needs_exact
@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_planted_mistake_is_found(
    api: APIClient,
    serve: Serve,
    rows: Rows,
    monkeypatch: pytest.MonkeyPatch,
    plant: Callable[[pytest.MonkeyPatch], None],
) -> None:
    sent = BATCHES[PLANTS[plant]](rows)
    singly = send(api, serve, sent, smallest=None)
    plant(monkeypatch)

    assert send(api, serve, sent, smallest=1) != singly
