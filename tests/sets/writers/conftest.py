"""Writers, a category, and a savepoint."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection, transaction

from tests.sets.writers.checking import (
    GetWriter,
    get_own,
    get_portable,
    get_portable_without_keys,
)
from tests.shop.models import Category


@pytest.fixture(params=[get_own, get_portable, get_portable_without_keys])
def get(request: pytest.FixtureRequest) -> GetWriter:
    """Return what makes a writer."""
    made: GetWriter = request.param
    return made


@pytest.fixture
def category() -> Category:
    return Category.objects.create(name="all")


@pytest.fixture
def in_a_savepoint() -> Iterator[None]:
    """Let a test be in a savepoint."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            # Joins go by the key then, whatever the order of what they join.
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL enable_nestloop = off")
                cursor.execute("SET LOCAL enable_hashjoin = off")
        yield
