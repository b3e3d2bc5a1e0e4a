"""Every writer against one `save()` after the other, each in a savepoint."""

from __future__ import annotations

from collections.abc import Callable, Collection
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, DataError, IntegrityError, connection, transaction
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from multistatus_app.sets.writers import get_writer
from multistatus_app.sets.writers.orm import OrmWriter
from tests.shop.models import Category, Parcel, Product

GetWriter = Callable[[type[Model]], Any]

ONLY_POSTGRESQL = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="of PostgreSQL"
)

UNIQUE_VIOLATION = "23505"

FAR = 10**9
"""Where no sequence of a test comes."""

LONG = "x" * 81
"""Longer than a product's name may be; SQLite takes it."""


def get_own(model: type[Model]) -> Any:
    """Return the writer of this database."""
    return get_writer(model, "default")


def get_portable(model: type[Model]) -> Any:
    """Return the writer of all databases."""
    return OrmWriter(model, "default")


def get_portable_without_keys(model: type[Model]) -> Any:
    """Return the writer of databases that do not return the keys of many rows."""
    writer = OrmWriter(model, "default")
    writer._returns_keys = lambda: False  # type: ignore[method-assign]
    return writer


def make_products(
    category: Category,
    count: int,
    *,
    negative: Collection[int] = (),
    long: Collection[int] = (),
    same: Collection[int] = (),
    first: int = 0,
) -> list[Product]:
    """Return products of which some are refused: of those with one SKU all but one."""
    return [
        Product(
            sku="same" if place in same else f"sku-{first + place}",
            name=LONG if place in long else f"name {place}",
            price=Decimal("-1.50") if place in negative else Decimal("2.50"),
            stock=place,
            category=category,
            attributes={"place": place},
        )
        for place in range(count)
    ]


def save_each(
    instances: list[Any], update_fields: list[str] | None = None
) -> dict[int, DatabaseError]:
    """Save one after the other; return the refused."""
    refused: dict[int, DatabaseError] = {}
    for place, instance in enumerate(instances):
        try:
            with transaction.atomic():
                if update_fields is None:
                    instance.save(force_insert=True)
                else:
                    instance.save(update_fields=update_fields)
        except (IntegrityError, DataError) as exc:
            refused[place] = exc
    return refused


def undo(function: Callable[[], Any]) -> Any:
    """Return what a function returns, and take back what it wrote."""
    with transaction.atomic():
        answer = function()
        transaction.set_rollback(True)
    return answer


def read(model: Any, *, keys: bool = False) -> list[Any]:
    """Return the rows, without the keys that the database made."""
    names = [
        field.attname
        for field in model._meta.concrete_fields
        if keys or field.name != "id"
    ]
    return sorted(model.objects.values_list(*names), key=repr)


def check_inserts(get: GetWriter, model: Any, make: Callable[[], list[Any]]) -> None:
    """Compare a writer with `save()` over the same rows."""

    # Where a sequence makes them, a refused row consumes one, and who tries again, too.
    keys = connection.vendor == "sqlite" and model is not Parcel

    def save() -> Any:
        return save_each(make()), read(model, keys=keys)

    wanted, rows = undo(save)
    instances = make()
    before = [(each.pk, each._state.db) for each in instances]
    refusals = get(model).insert(instances)

    assert refusals.keys() == wanted.keys()
    assert read(model, keys=keys) == rows
    for place, instance in enumerate(instances):
        assert instance._state.adding is (place in wanted)
        if place in wanted:
            assert (instance.pk, instance._state.db) == before[place]
        else:
            assert instance._state.db == "default"
            check_stored(instance)
    for place, error in wanted.items():
        check_error(refusals[place], error)


def check_stored(instance: Any) -> None:
    """Compare an instance with its row."""
    stored = type(instance).objects.get(pk=instance.pk)
    for field in instance._meta.concrete_fields:
        value = getattr(instance, field.attname)
        if not hasattr(value, "resolve_expression"):
            assert getattr(stored, field.attname) == value


def check_error(error: DatabaseError | None, wanted: DatabaseError) -> None:
    """Compare an error with that of `save()`, where it is told."""
    if error is None:
        return
    assert type(error) is type(wanted)
    state = getattr(wanted.__cause__, "sqlstate", None)
    assert getattr(error.__cause__, "sqlstate", None) == state
    if connection.vendor == "postgresql":
        assert str(error).partition("\n")[0] == str(wanted).partition("\n")[0]
        diag, other = error.__cause__.diag, wanted.__cause__.diag  # type: ignore[union-attr]
        assert diag.constraint_name == other.constraint_name
        assert diag.table_name == other.table_name
        if state == UNIQUE_VIOLATION:  # others show the row, and its key
            assert str(error) == str(wanted)


REFUSED = [
    pytest.param({}, id="none"),
    pytest.param({"negative": [0]}, id="first"),
    pytest.param({"negative": [70]}, id="middle"),
    pytest.param({"negative": [119]}, id="last"),
    pytest.param({"negative": [60, 61, 62]}, id="adjacent"),
    pytest.param({"negative": range(120)}, id="all"),
    pytest.param({"negative": range(0, 120, 2)}, id="half"),
    pytest.param({"same": [3, 7, 8, 110]}, id="each other"),
    pytest.param({"long": [5, 6]}, id="too long"),
    pytest.param(
        {"negative": [0, 50, 99], "same": [1, 50, 51, 101], "long": [2, 51]}, id="mixed"
    ),
]


def check_updates(
    get: GetWriter,
    model: Any,
    names: list[str],
    change: Callable[[int, Any], Any],
    order: str = "pk",
) -> None:
    """Compare a writer with `save(update_fields)` over the rows there are."""

    def make() -> list[Any]:
        instances = list(model.objects.order_by(order))
        for place, instance in enumerate(instances):
            change(place, instance)
        return instances

    def save() -> Any:
        return save_each(make(), names), read(model, keys=True)

    wanted, rows = undo(save)
    fields = [model._meta.get_field(name) for name in names]
    refusals = get(model).update(make(), fields)

    assert refusals.keys() == wanted.keys()
    assert read(model, keys=True) == rows
    for place, error in wanted.items():
        check_error(refusals[place], error)


def count(function: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as context:
        function()
    return len(context)


def count_inserts(products: list[Product]) -> int:
    return count(lambda: get_own(Product).insert(products))


def count_writes(products: list[Product]) -> tuple[int, int, int]:
    """Return how many statements it takes to insert, to update, to delete."""
    inserted = count_inserts(products)
    for product in products:
        product.name = "new"
    fields = [Product._meta.get_field(name) for name in ("name", "sku")]
    updated = count(lambda: get_own(Product).update(products, fields))
    deleted = count(lambda: get_own(Product).delete([each.pk for each in products]))
    return inserted, updated, deleted
