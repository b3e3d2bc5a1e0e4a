"""Unique values in sets: what is refused, and what becomes free too late."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from rest_framework import serializers
from rest_framework.test import APIClient

from tests.answers import op
from tests.conftest import Serve
from tests.factories import UserFactory
from tests.parity.models import Place, Shelf
from tests.shop.models import Category, Chapter, Section
from tests.strategies.comparing import make_categories, make_view, run

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_unique_value_of_a_hook_that_is_freed_later(
    api: APIClient, serve: Serve
) -> None:
    """What was refused must not be tried again after a later one made room."""

    def perform_update(self: Any, serializer: Any) -> None:
        serializer.save(name=serializer.validated_data["name"].upper())

    serve(make_view(Category, ["id", "name"], perform_update=perform_update))
    singly, sets = run(
        api,
        make_categories,
        op("PATCH", "1", {"name": "b"}),
        op("PATCH", "2", {"name": "c"}),
    )
    assert sets == singly


def test_a_condition_of_a_unique_constraint_that_ends_later(
    api: APIClient, serve: Serve
) -> None:
    """What the condition reads frees a value, too."""
    serve(make_view(Place, ["id", "shelf", "position"]))

    def make() -> None:
        Place.objects.create(pk=1, position=5)
        Place.objects.create(pk=2, position=0)

    singly, sets = run(
        api, make, op("PATCH", "2", {"position": 7}), op("PATCH", "1", {"position": 1})
    )
    assert sets == singly


def test_a_unique_foreign_key_written_by_its_attname(
    api: APIClient, serve: Serve
) -> None:
    """`shelf_id` is `shelf` to a constraint."""
    field = serializers.IntegerField(write_only=True)
    serve(make_view(Place, ["id", "shelf_id"], shelf_id=field))

    def make() -> None:
        for pk in (1, 2, 3):
            Shelf.objects.create(pk=pk, name=str(pk))
        Place.objects.create(pk=1, position=1, shelf_id=1)
        Place.objects.create(pk=2, position=1, shelf_id=2)

    singly, sets = run(
        api, make, op("PATCH", "1", {"shelf_id": 2}), op("PATCH", "2", {"shelf_id": 3})
    )
    assert sets == singly


class TestPairThatNobodyLooksUp:
    """The database alone decides: owner and title of a chapter are unique together."""

    TITLES = ("a", "b", "c", "d", "e")

    def run(
        self, api: APIClient, serve: Serve, *changes: tuple[int, Any]
    ) -> tuple[Any, Any]:
        serve(make_view(Chapter, ["id", "title", "weight"]))
        owner, section = UserFactory(), Section.objects.create(name="s")

        def make() -> None:
            Chapter.objects.all().delete()
            for key, title in enumerate(self.TITLES, start=1):
                Chapter.objects.create(
                    pk=key, slug=f"s{key}", title=title, section=section, owner=owner
                )

        return run(
            *(api, make),
            # Rows whose other columns change are written by another statement.
            *(
                op(
                    "PATCH",
                    str(key),
                    {"title": to} | ({"weight": 1} if key == 2 else {}),
                )
                for key, to in changes
            ),
        )

    @pytest.mark.parametrize(
        "changes",
        [
            [(1, "v"), (2, "w"), (3, "x"), (4, "y")],
            [(1, "v"), (2, "a"), (3, "b"), (4, "c")],
            [(2, "a"), (1, "v"), (3, "b"), (4, "y")],
            [(1, "v"), (2, "w"), (3, "b"), (4, "c")],
            [(1, "v"), (2, "v"), (3, "x"), (4, "v")],
            [(1, "b"), (2, "a"), (1, "v"), (2, "a")],
            [(1, "a"), (2, "b"), (3, "c"), (4, "e")],
            [(1, "A"), (2, "a "), (3, "x"), (4, "X")],
        ],
    )
    def test_outcomes(
        self, api: APIClient, serve: Serve, changes: list[tuple[int, str]]
    ) -> None:
        singly, sets = self.run(api, serve, *changes)

        assert sets == singly

    @pytest.mark.skipif(connection.vendor == "mysql", reason="Text is inexact.")
    def test_is_written_in_a_set(
        self, api: APIClient, serve: Serve, in_sets: list[int]
    ) -> None:
        self.run(api, serve, *((key, f"new {key}") for key in range(1, 6)))

        assert in_sets == [5]
