"""What a batch is, and what it is sent to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from django.db import connection

from tests.parity.models import Place, Shelf
from tests.shop.models import Category, Product, Tag

EXACT = connection.vendor in ("postgresql", "sqlite")
"""Whether text is equal in Python where it is equal in the database."""
FIRST_KEY = 5000
"""The first key that the database makes in each run."""
needs_exact = pytest.mark.skipif(not EXACT, reason="Text is compared inexactly.")


class Rows(NamedTuple):
    """What is there before."""

    categories: list[Category]
    tags: list[Tag]
    products: list[Product]
    shelves: list[Shelf]
    places: list[Place]


class Sent(NamedTuple):
    """A batch, and what is answered."""

    where: str
    operations: list[Any]
    statuses: list[int]
    is_set: bool = True
    """Whether some of it is written as a set; not where all of it is in doubt."""


BATCHES: dict[str, Callable[[Rows], Sent]] = {}


def sends(build: Callable[[Rows], Sent]) -> Callable[[Rows], Sent]:
    """Add a batch to those that are sent in each way."""
    BATCHES[build.__name__] = build
    return build


def product(sku: Any, rows: Rows, **more: Any) -> dict[str, Any]:
    """Return the representation of a new product."""
    category = rows.categories[0].pk
    return {"sku": sku, "name": "new", "price": "1.00", "category": category, **more}
