"""What the database does on its own is not overlooked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from rest_framework.test import APIClient

from multistatus_app.databases.triggers import get_reaching_tables
from tests.answers import get_statuses
from tests.factories import CategoryFactory, ProductFactory
from tests.shop.models import Product

pytestmark = pytest.mark.django_db(transaction=True)

# A product that changes takes all others down to stock 1, as some stocktaking might.
TRIGGERS = {
    "sqlite": (
        "CREATE TRIGGER shop_stocktaking AFTER UPDATE ON shop_product "
        "WHEN NEW.name <> OLD.name BEGIN "
        "UPDATE shop_product SET stock = 1 WHERE id <> NEW.id; END",
    ),
    "postgresql": (
        "CREATE FUNCTION shop_stocktaking() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN UPDATE shop_product SET stock = 1 WHERE id <> NEW.id; "
        "RETURN NULL; END $$",
        "CREATE TRIGGER shop_stocktaking AFTER UPDATE ON shop_product FOR EACH ROW "
        "WHEN (NEW.name <> OLD.name) EXECUTE FUNCTION shop_stocktaking()",
    ),
}
DROPS = {
    "sqlite": ("DROP TRIGGER shop_stocktaking",),
    "postgresql": (
        "DROP TRIGGER shop_stocktaking ON shop_product",
        "DROP FUNCTION shop_stocktaking",
    ),
}


@pytest.fixture
def trigger() -> Iterator[None]:
    """Have a trigger that changes other rows than the one which was written."""
    if connection.vendor not in TRIGGERS:
        pytest.skip("MariaDB's triggers may not change the table that fired them.")
    with connection.cursor() as cursor:
        for statement in TRIGGERS[connection.vendor]:
            cursor.execute(statement)
        yield
        for statement in DROPS[connection.vendor]:
            cursor.execute(statement)


@pytest.mark.usefixtures("trigger")
def test_a_row_that_a_trigger_changed_is_not_stale(api: APIClient) -> None:
    first, second = ProductFactory.create_batch(2, stock=5)

    response = api.patch(
        "/api/products/bulk/",
        [{"id": first.pk, "name": "new"}, {"id": second.pk, "price": "2.00"}],
    )

    assert get_statuses(response) == [200, 200]
    assert response.json()["results"][1]["data"]["stock"] == 1
    assert list(Product.objects.order_by("pk").values_list("stock", flat=True)) == [
        5,
        1,
    ]


@pytest.mark.usefixtures("trigger")
def test_table_with_a_trigger_reaches() -> None:
    reaching = get_reaching_tables(connection)

    assert reaching is not None
    assert "shop_product" in reaching
    assert "shop_category" not in reaching


def test_tables_that_django_makes_do_not_reach() -> None:
    CategoryFactory()

    assert get_reaching_tables(connection) == frozenset()


@pytest.mark.parametrize("action", ["CASCADE", "SET NULL"])
def test_table_that_a_cascade_starts_from_reaches(action: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE shop_parent (id integer PRIMARY KEY)")
        cursor.execute(
            "CREATE TABLE shop_child (parent_id integer NULL, FOREIGN KEY (parent_id) "
            f"REFERENCES shop_parent (id) ON DELETE {action})"
        )
        try:
            assert get_reaching_tables(connection) == {"shop_parent"}
        finally:
            cursor.execute("DROP TABLE shop_child")
            cursor.execute("DROP TABLE shop_parent")


def test_where_nobody_can_tell_every_table_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "vendor", "another")

    assert get_reaching_tables(connection) is None
