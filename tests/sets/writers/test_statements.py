"""The statements of writers: how many, and what a role need be allowed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from tests.sets.writers.checking import (
    ONLY_POSTGRESQL,
    check_inserts,
    check_updates,
    count_inserts,
    count_writes,
    get_own,
    make_products,
)
from tests.shop.models import Category, Product

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_a_savepoint")]


@pytest.fixture
def role() -> Iterator[Callable[[str], None]]:
    """Return what goes on as a role with few rights, after a statement for it."""

    def become(sql: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("CREATE ROLE limited")
            cursor.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO limited")
            cursor.execute("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO limited")
            cursor.execute(sql)
            cursor.execute("SET LOCAL ROLE limited")

    yield become
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


@ONLY_POSTGRESQL
def test_role_without_temporary_things(
    role: Callable[[str], None], category: Category
) -> None:
    name = connection.settings_dict["NAME"]
    role(f'REVOKE TEMPORARY ON DATABASE "{name}" FROM PUBLIC')
    Product.objects.bulk_create(make_products(category, 60, first=1000))

    def change(place: int, product: Product) -> None:
        product.sku = f"sku-{1000 + place + 1}"

    check_updates(get_own, Product, ["sku"], change)
    check_inserts(
        get_own, Product, lambda: make_products(category, 60, negative=[5, 6, 59])
    )


@ONLY_POSTGRESQL
def test_role_without_sequences(
    role: Callable[[str], None], category: Category
) -> None:
    role("REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM limited")

    check_inserts(get_own, Product, lambda: make_products(category, 9, negative=[5]))


def test_statements(category: Category) -> None:
    """As many for 200 rows as for 10."""
    few = count_writes(make_products(category, 10))
    many = count_writes(make_products(category, 200, first=1000))

    assert many == few
    assert max(few) <= 5


@ONLY_POSTGRESQL
@pytest.mark.parametrize(("refused", "expected"), [(1, 103), (100, 733), (200, 833)])
def test_statements_of_refused_rows(
    category: Category, refused: int, expected: int
) -> None:
    """Few are found by halves; of many, each has a savepoint."""
    rows = make_products(category, 200, negative=range(refused))

    assert count_inserts(rows) == expected
