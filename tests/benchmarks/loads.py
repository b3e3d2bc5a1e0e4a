"""What is sent: rows for one kind of operation, some of them made to be refused.

Also makes the tables ready for it, and looks afterwards whether the work was done.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from django.core.management.color import no_style
from django.db import connection, transaction

from tests.benchmarks.results import KINDS, Group
from tests.shop.models import Category, Product, Review, Shipment

REFUSERS: Final = ("validation", "database")
"""Who refuses. Of deletes, `validation` is Django's own RESTRICT."""

TAKEN: Final = "taken"
MODELS: Final = (Shipment, Review, Product.tags.through, Product, Category)
CHUNK: Final = 500


class NotDone(Exception):
    """A contender did not do what it was asked."""


@dataclass(frozen=True, kw_only=True)
class Load:
    """The operations of one call."""

    kind: str
    rows: list[Any]
    """Objects, or keys where the kind is `delete`."""
    refused: frozenset[int]
    """Which of them cannot be done."""

    @property
    def method(self) -> str:
        """The HTTP method."""
        return KINDS[self.kind]

    def check(self, told: int) -> None:
        """Compare what was told, and what the table holds now, with what was asked.

        Raises:
            NotDone: they differ.
        """
        expected = len(self.rows) - len(self.refused)
        done = self._count()
        if not told == done == expected:
            raise NotDone(
                f"{expected:,} of {len(self.rows):,} can be done, "
                f"{told:,} were told to be, {done:,} are in the table"
            )

    def _count(self) -> int:
        if self.kind == "delete":
            return len(self.rows) - Product.objects.exclude(sku=TAKEN).count()
        marks: dict[str, dict[str, Any]] = {
            "create": {"name": "A name"},
            "update": {"name": "Another name"},
            "partial": {"stock": 9},
        }
        return Product.objects.filter(**marks[self.kind]).count()


def make_load(group: Group) -> Load:
    """Empty the tables, fill them with what is to be written, and return what to."""
    refused = pick_refused(group.operations, group.refused)
    rows = list(make_rows(group))
    if group.kind == "delete":
        _refer([rows[index] for index in refused], group.refused_by)
    else:
        for place, index in enumerate(sorted(refused)):
            rows[index] |= _get_fault(group, place)
    return Load(kind=group.kind, rows=rows, refused=refused)


def pick_refused(operations: int, share: float) -> frozenset[int]:
    """Return places all over a request, the same ones each time."""
    number = round(operations * share / 100)
    return frozenset(random.Random(0).sample(range(operations), number))  # noqa: S311  # not a secret


def make_rows(group: Group) -> Iterator[Any]:
    """Yield what is asked, after the tables were made ready; little is held."""
    _empty()
    category = Category.objects.create(name="Benchmark")
    new = _make_new(group.operations, category.pk)
    Product.objects.create(sku=TAKEN, name="Taken", price=1, category=category)
    if group.kind == "create":
        yield from new
        return
    keys: list[int] = []
    while chunk := list(islice(new, CHUNK)):
        keys += _insert(chunk)
    _analyze()
    if group.kind == "delete":
        yield from keys
    elif group.kind == "partial":
        yield from ({"id": key, "price": "4.50", "stock": 9} for key in keys)
    else:
        for key, row in zip(
            keys, _make_new(group.operations, category.pk), strict=True
        ):
            yield {"id": key} | row | {"name": "Another name"}


def _make_new(count: int, category: int) -> Iterator[dict[str, Any]]:
    for index in range(count):
        yield {
            "sku": f"sku-{index}",
            "name": "A name",
            "price": "3.20",
            "stock": 7,
            "category": category,
            "attributes": {"colour": "red"},
        }


def build(row: dict[str, Any]) -> Product:
    """Return the object of a row."""
    return Product(
        **{"category_id" if name == "category" else name: row[name] for name in row}
    )


@transaction.atomic
def _insert(rows: list[dict[str, Any]]) -> list[int]:
    Product.objects.bulk_create([build(row) for row in rows])
    skus = [row["sku"] for row in rows]
    found = dict(Product.objects.filter(sku__in=skus).values_list("sku", "pk"))
    return [found[sku] for sku in skus]


def _get_fault(group: Group, place: int) -> dict[str, Any]:
    """Return what makes an object impossible."""
    if group.refused_by == "database":
        return {"price": "-1.00"}
    if place % 2 and group.kind != "partial":
        return {"sku": TAKEN}
    return {"price": "cheap"}


def _refer(keys: list[int], refused_by: str | None) -> None:
    """Let others hold on to products: the database knows, or Django does."""
    model: Any = Shipment if refused_by == "database" else Review
    model.objects.bulk_create(model(product_id=key) for key in keys)


def _empty() -> None:
    """Empty the tables as if they were new, without rows that are dead but there."""
    tables = [model._meta.db_table for model in MODELS]
    flush = connection.ops.sql_flush(no_style(), tables)
    connection.ops.execute_sql_flush(flush)


def _analyze() -> None:
    """Tell the planner what a table in use would have told it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE shop_product")
