"""DeferredConstraints of the commit are asked before it; plain writes cost no scan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from rest_framework.response import Response
from rest_framework.test import APIClient

from multistatus_app.databases.constraints import DeferredConstraints, is_usable
from multistatus_app.databases.statements import StatementLog
from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import get_statuses
from tests.conftest import Serve
from tests.factories import CategoryFactory, ProductFactory, TagFactory
from tests.shop.models import Category, Event, Product, Review, Shipment, Tag
from tests.shop.serializers import EventSerializer

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        connection.vendor == "mysql", reason="MariaDB checks every statement."
    ),
]


@pytest.fixture
def statement_log() -> Iterator[StatementLog]:
    """Record what a test writes; what it broke is gone before the test's own end."""
    statement_log = StatementLog(["default"])
    with transaction.atomic():
        with statement_log.recording():
            yield statement_log
        transaction.set_rollback(True)


def check(statement_log: StatementLog) -> list[str]:
    """Check, and return the statements that it cost."""
    writes = statement_log.writes[:]
    with CaptureQueriesContext(connection) as queries:
        DeferredConstraints(["default"]).check(writes)
    return [each["sql"] for each in queries.captured_queries]


def scans(statements: list[str]) -> bool:
    """Whether a table was scanned."""
    return any("foreign_key_check" in each for each in statements)


def write_insert() -> None:
    CategoryFactory(parent=CategoryFactory())


def write_insert_many() -> None:
    parent = CategoryFactory()
    Category.objects.bulk_create(
        [Category(name="a", parent=parent), Category(name="b"), Category(name="c")]
    )


def write_update() -> None:
    product = ProductFactory()
    product.category = CategoryFactory()
    product.save()


def write_null() -> None:
    row = CategoryFactory(parent=CategoryFactory())
    Category.objects.filter(pk=row.pk).update(parent=None)


def write_m2m() -> None:
    product = ProductFactory()
    product.tags.set(TagFactory.create_batch(3))
    product.tags.clear()


def write_delete() -> None:
    product = ProductFactory()
    product.delete()


@pytest.mark.parametrize(
    "write",
    [
        write_insert,
        write_insert_many,
        write_update,
        write_null,
        write_m2m,
        write_delete,
    ],
)
def test_success_without_a_scan(statement_log: StatementLog, write: Any) -> None:
    write()

    assert statement_log.writes
    assert not scans(check(statement_log))


def test_success_without_a_statement_where_nothing_was_written(
    statement_log: StatementLog,
) -> None:
    list(Category.objects.all())

    assert check(statement_log) == []


def test_success_in_one_round_trip_on_postgresql(statement_log: StatementLog) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("PostgreSQL's own.")
    write_insert()
    constraints = DeferredConstraints(["default"])
    writes = statement_log.writes[:]
    constraints.check(writes)  # asks, once for all, which are not deferred

    with CaptureQueriesContext(connection) as queries:
        constraints.check(writes)

    assert len(queries) == 1


def break_insert() -> None:
    CategoryFactory(parent_id=999_999)


def break_insert_many() -> None:
    Category.objects.bulk_create(
        [Category(name="a"), Category(name="b", parent_id=999_999)]
    )


def break_update() -> None:
    Category.objects.filter(pk=CategoryFactory().pk).update(parent_id=999_999)


def break_case() -> None:
    rows = CategoryFactory.create_batch(2)
    rows[1].parent_id = 999_999
    Category.objects.bulk_update(rows, ["parent"])


def break_m2m() -> None:
    product = ProductFactory()
    Product.tags.through.objects.create(product=product, tag_id=999_999)


def break_delete() -> None:
    product = ProductFactory()
    Shipment.objects.create(product=product)
    product.delete()


def break_raw_delete() -> None:
    review = Review.objects.create(product=ProductFactory())
    Product.objects.filter(pk=review.product_id)._raw_delete("default")


def break_delete_by_a_join() -> None:
    product = ProductFactory()
    Shipment.objects.create(product=product)
    Product.objects.filter(category__name=product.category.name)._raw_delete("default")


def break_raw_sql() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into shop_category (name, parent_id) values ('a', 999999)"
        )


def break_many() -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO shop_category (name, parent_id) VALUES (%s, %s)",
            [("a", None), ("b", 999_999)],
        )


def break_common_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH bad(id) AS (SELECT 999999) "
            "INSERT INTO shop_category (name, parent_id) SELECT 'a', id FROM bad"
        )


def break_key() -> None:
    parent = CategoryFactory()
    CategoryFactory(parent=parent)
    Category.objects.filter(pk=parent.pk).update(id=888_888)


def break_and_save_another() -> None:
    CategoryFactory(parent_id=999_999)
    CategoryFactory(parent=CategoryFactory())


@pytest.mark.parametrize(
    "write",
    [
        break_insert,
        break_insert_many,
        break_update,
        break_case,
        break_m2m,
        break_delete,
        break_raw_delete,
        break_delete_by_a_join,
        break_raw_sql,
        break_many,
        break_common_table,
        break_key,
        break_and_save_another,
    ],
)
def test_fail_broken_foreign_key(statement_log: StatementLog, write: Any) -> None:
    write()

    with pytest.raises(IntegrityError):
        check(statement_log)


def test_success_broken_and_mended(statement_log: StatementLog) -> None:
    child = CategoryFactory(parent_id=777_777)
    CategoryFactory(pk=777_777)
    gone = CategoryFactory()
    CategoryFactory(parent=gone).delete()
    gone.delete()

    check(statement_log)

    assert child.parent.pk == 777_777


def test_constraints_are_deferred_again(statement_log: StatementLog) -> None:
    TagFactory()
    check(statement_log)

    # On PostgreSQL this would raise here, had the check left them immediate.
    row = CategoryFactory(parent_id=777_777)
    CategoryFactory(pk=777_777)

    check(statement_log)
    assert Tag.objects.exists()
    assert row.pk


def test_is_usable() -> None:
    assert is_usable("default")

    with transaction.atomic():
        transaction.set_rollback(True)
        assert not is_usable("default")

    assert is_usable("default")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's own.")
def test_fail_what_a_trigger_wrote(api: APIClient) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TRIGGER shop_orphan AFTER INSERT ON shop_category "
            "WHEN NEW.name = 'orphan' BEGIN "
            "UPDATE shop_category SET parent_id = 999999 WHERE id = NEW.id; END"
        )
    try:
        response = api.post(
            "/api/categories/bulk/", [{"name": name} for name in ("a", "orphan", "b")]
        )
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER shop_orphan")

    assert get_statuses(response) == [201, 409, 201]


@pytest.mark.skipif(
    connection.vendor != "postgresql",
    reason="Only PostgreSQL defers other constraints.",
)
def test_a_constraint_that_is_immediate_stays_so(api: APIClient, serve: Serve) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            'ALTER TABLE shop_event ADD CONSTRAINT "Event\'s text" '
            "UNIQUE (text) DEFERRABLE INITIALLY IMMEDIATE"
        )

    class OnceViewSet(BulkModelViewSet):
        queryset = Event.objects.all()
        serializer_class = EventSerializer

        def create(self, request: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                with transaction.atomic():
                    Event.objects.create(text=request.data["text"])
            except IntegrityError:
                return Response({"known": True}, 200)
            return Response({}, 201)

    serve(OnceViewSet)

    singly = [api.post("/things/", {"text": "a"}).status_code for _ in range(2)]
    response = api.post("/things/bulk/", [{"text": each} for each in "abbcb"])

    assert singly == [201, 200]
    assert get_statuses(response) == [200, 201, 200, 201, 200]


@pytest.mark.skipif(
    connection.vendor != "postgresql",
    reason="Only PostgreSQL defers other constraints.",
)
def test_success_beside_a_schema_that_nobody_may_use(
    statement_log: StatementLog,
) -> None:
    for name in ("secret", "shared"):
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA {name}")
            cursor.execute(
                f"CREATE TABLE {name}.thing "
                "(a int CONSTRAINT once UNIQUE DEFERRABLE INITIALLY IMMEDIATE)"
            )
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE limited")
        cursor.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO limited")
        cursor.execute("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO limited")
        cursor.execute("GRANT USAGE ON SCHEMA shared TO limited")
        cursor.execute("SET LOCAL ROLE limited")
    TagFactory()

    *_, statement = check(statement_log)

    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    assert statement == (
        "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED; "
        "SET CONSTRAINTS shared.once IMMEDIATE"
    )
