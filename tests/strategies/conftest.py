"""Rows, and how many operations sets wrote."""

from __future__ import annotations

from typing import Any

import pytest

from multistatus_app.sets import writing as sets_writing
from tests.factories import CategoryFactory, ProductFactory, TagFactory
from tests.parity.models import Place, Shelf
from tests.strategies.batches.base import Rows
from tests.strategies.sending import restart_keys


@pytest.fixture
def in_sets(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note how many operations each set wrote."""
    written: list[int] = []
    for name in ("insert", "update", "delete"):
        stock = getattr(sets_writing, name)

        def write(model: Any, accepted: Any, *more: Any, stock: Any = stock) -> Any:
            refused = stock(model, accepted, *more)
            written.append(len(accepted) - len(refused))
            return refused

        monkeypatch.setattr(sets_writing, name, write)
    return written


@pytest.fixture
def rows() -> Rows:
    """Make some of each."""
    restart_keys(1000)
    categories = [CategoryFactory(name=f"c{index}") for index in range(3)]
    tags = [TagFactory(name=f"t{index}") for index in range(3)]
    products = [
        ProductFactory(sku=f"p{index}", name=f"P{index}", category=categories[0])
        for index in range(6)
    ]
    for product in products:
        product.tags.set(tags[:2])
    shelves = [Shelf.objects.create(name=f"s{index}") for index in range(3)]
    places = [
        Place.objects.create(shelf=shelves[0], position=1),
        Place.objects.create(shelf=shelves[1], position=None),
        Place.objects.create(shelf=None, position=1, width=7),
        Place.objects.create(shelf=shelves[1], position=2, width=6),
        Place.objects.create(shelf=shelves[2], position=4, width=5),
    ]
    return Rows(categories, tags, products, shelves, places)
