"""Rows that are inserted together, against one `save()` after the other."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import Value
from django.db.models.functions import Lower

from tests.parity.models import Genre, Place
from tests.sets.writers.checking import (
    FAR,
    REFUSED,
    GetWriter,
    check_inserts,
    get_own,
    make_products,
    save_each,
)
from tests.shop.models import Category, Parcel, Product, Tag

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_a_savepoint")]


@pytest.mark.parametrize("refused", REFUSED)
def test_insert(get: GetWriter, category: Category, refused: dict[str, Any]) -> None:
    check_inserts(get, Product, lambda: make_products(category, 120, **refused))


def test_insert_one(get: GetWriter, category: Category) -> None:
    check_inserts(get, Product, lambda: make_products(category, 1))
    check_inserts(
        get, Product, lambda: make_products(category, 1, negative=[0], first=1)
    )


def test_insert_nothing(get: GetWriter) -> None:
    assert get(Product).insert([]) == {}
    assert get(Product).update([], []) == {}


def test_insert_what_an_index_of_an_expression_refuses(get: GetWriter) -> None:
    Tag.objects.create(name="Old")

    check_inserts(
        get, Tag, lambda: [Tag(name=n) for n in ("a", "b", "A", "old", "c", "C", "B")]
    )


def test_insert_explicit_keys_among_others(get: GetWriter) -> None:
    Tag.objects.create(pk=FAR + 50, name="there")

    def make() -> list[Tag]:
        keys = [None, 100, None, 50, None, 90, 100, None]
        return [
            Tag(pk=key and FAR + key, name=f"tag {place}")
            for place, key in enumerate(keys)
        ]

    check_inserts(get, Tag, make)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="of SQLite")
def test_insert_keys_that_sqlite_does_not_count(category: Category) -> None:
    """Without AUTOINCREMENT it makes them in another way."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE shop_tag RENAME TO counted")
        cursor.execute(
            "CREATE TABLE shop_tag (id integer PRIMARY KEY, name text UNIQUE)"
        )
    tags = [Tag(name=name) for name in "abac"]

    assert get_own(Tag).insert(tags).keys() == {2}

    assert [each.pk for each in tags] == [1, 2, None, 3]


def test_insert_a_key_that_was_just_made(get: GetWriter) -> None:
    last = Tag.objects.create(name="last").pk

    refusals = get(Tag).insert([Tag(name="a"), Tag(name="b", pk=last + 1)])

    assert refusals.keys() == {1}
    assert Tag.objects.get(pk=last + 1).name == "a"


@pytest.mark.parametrize("key", [None, "given"])
def test_insert_keys_that_python_makes(get: GetWriter, key: str | None) -> None:
    taken = Parcel.objects.create(label="taken").pk

    def make() -> list[Parcel]:
        parcels = [Parcel(label=f"label {place}") for place in range(5)]
        parcels[1].pk = parcels[3].pk = taken
        if key is None:
            parcels[0].pk = parcels[4].pk = None
            parcels[4].label = None
        return parcels

    check_inserts(get, Parcel, make)


def test_insert_keys_of_text(get: GetWriter) -> None:
    check_inserts(
        get, Genre, lambda: [Genre(code=c, text="t") for c in ("a", "b", "a", "", "c")]
    )


def test_insert_nulls(get: GetWriter) -> None:
    check_inserts(get, Place, lambda: [Place(position=p) for p in (None, 3, None)])
    check_inserts(get, Place, lambda: [Place(width=w) for w in (None, 3, -1, 0)])


def test_insert_related_that_was_saved_later(get: GetWriter) -> None:
    late = Category(name="late")
    product = make_products(late, 1)[0]
    late.save()

    assert get(Product).insert([product]) == {}

    assert Product.objects.get().category == late


def test_insert_related_that_is_not_saved(get: GetWriter) -> None:
    with pytest.raises(ValueError, match="unsaved related object 'category'"):
        get(Product).insert(make_products(Category(name="new"), 2))


def test_insert_expressions(get: GetWriter) -> None:
    def make() -> list[Tag]:
        tags = [Tag(name=f"tag {place}") for place in range(5)]
        tags[2].name = Lower(Value("HELLO"))
        tags[4].name = Lower(Value("TAG 1"))
        return tags

    check_inserts(get, Tag, make)

    assert Tag.objects.filter(name="hello").exists()


def test_insert_and_go_on(get: GetWriter, category: Category) -> None:
    """The keys that the database makes next are free."""
    get(Product).insert(make_products(category, 60, negative=[3, 59]))
    save_each(make_products(category, 2, first=100))
    get(Product).insert(make_products(category, 2, first=200))

    assert Product.objects.count() == 62


def test_insert_raises_what_is_no_refusal(get: GetWriter, category: Category) -> None:
    products = make_products(category, 3)
    products[1].stock = "many"

    with pytest.raises(ValueError, match="expected a number but got 'many'"):
        get(Product).insert(products)

    assert [each.pk for each in products] == [None, None, None]


def test_insert_raises_after_rows_were_written(
    get: GetWriter, category: Category
) -> None:
    """Whoever goes on with the instances finds them as they were."""
    products = make_products(category, 30, negative=[3])
    statements = 0

    def fail(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal statements
        statements += sql.startswith(("INSERT", "SELECT * FROM pg_temp"))
        if statements > 1:
            raise OperationalError("gone")
        return execute(sql, params, many, context)

    with (
        pytest.raises(OperationalError),
        transaction.atomic(),
        connection.execute_wrapper(fail),
    ):
        get(Product).insert(products)

    assert {each.pk for each in products} == {None}
    assert {each._state.adding for each in products} == {True}
    assert save_each(products).keys() == {3}
