"""Who is found among many, and how many tries it takes."""

from __future__ import annotations

from collections.abc import Collection

import pytest
from django.db import IntegrityError, OperationalError, connection
from django.test.utils import CaptureQueriesContext

from multistatus_app.sets.writers.bisection import write_each, write_groups

pytestmark = pytest.mark.django_db

REFUSED = [
    (set(), 1),
    ({0}, 40),
    ({999}, 30),
    ({500}, 30),
    (set(range(0, 1000, 100)), 200),
    (set(range(0, 1000, 10)), 1030),
    (set(range(0, 1000, 2)), 1030),
    (set(range(1000)), 1030),
    ({400, 401, 402}, 90),
]


class Rows:
    """Rows of which some are refused, whoever is written with them."""

    def __init__(self, refused: Collection[int]) -> None:
        self.refused = refused
        self.written: list[int] = []
        self.tries = 0

    def write_group(self, start: int, stop: int) -> None:
        """Write all or none."""
        self.tries += 1
        for place in range(start, stop):
            if place in self.refused:
                raise IntegrityError(place)
        self.written += range(start, stop)

    def write_one(self, place: int) -> None:
        """Write one; what a failure takes back is not noted."""
        self.tries += 1
        if place in self.refused:
            raise IntegrityError(place)
        self.written.append(place)


@pytest.mark.parametrize(("refused", "tries"), REFUSED)
def test_groups(refused: set[int], tries: int) -> None:
    rows = Rows(refused)

    refusals = write_groups(1000, rows.write_group, "default")

    assert {place: str(error) for place, error in refusals.items()} == {
        place: str(place) for place in refused
    }
    assert rows.written == [each for each in range(1000) if each not in refused]
    assert rows.tries <= tries


@pytest.mark.parametrize("refused", [each for each, _ in REFUSED])
def test_each(refused: set[int]) -> None:
    rows = Rows(refused)

    refusals = write_each(1000, rows.write_one, "default")

    assert {place: str(error) for place, error in refusals.items()} == {
        place: str(place) for place in refused
    }
    assert list(dict.fromkeys(rows.written)) == [
        each for each in range(1000) if each not in refused
    ]
    assert rows.tries <= 1500


def test_nothing() -> None:
    assert write_groups(0, Rows({0}).write_group, "default") == {}
    assert write_each(0, Rows({0}).write_one, "default") == {}


def test_other_errors() -> None:
    def fail(*places: int) -> None:
        raise OperationalError("deadlock")

    for write in (write_groups, write_each):
        with pytest.raises(OperationalError, match="deadlock"):
            write(10, fail, "default")


def test_savepoints() -> None:
    """All are closed again."""
    with CaptureQueriesContext(connection) as context:
        write_groups(10, Rows({3}).write_group, "default")
    statements = [query["sql"].split()[0] for query in context.captured_queries]

    assert statements.count("SAVEPOINT") == statements.count("RELEASE")
