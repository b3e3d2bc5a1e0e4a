"""Statements that write, and whose table is not known for sure."""

from __future__ import annotations

import pytest
from django.db import connection

from multistatus_app.databases.statements import (
    StatementLog,
    Write,
    is_wrapped,
    is_write,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("sql", "writes"),
    [
        ("SELECT 1", False),
        (" (SELECT 1) UNION (SELECT 2);\n", False),
        ("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED", False),
        ("UPDATE x SET y = 1", True),
        ("EXPLAIN ANALYZE UPDATE x SET y = 1", True),
        ("SELECT set_config('a', %s, true); INSERT INTO \"t\" VALUES (1)", True),
        ("SELECT ';'", False),
        ("SELECT 'it''s; DELETE' -- ; DROP\n; DELETE FROM t", True),
        ("/* who; why */ SELECT\n1", False),
        ('SELECT "a;b", `c;d`', False),
        ("VALUES (1)", False),
        ("EXPLAIN SELECT 1", False),
        ("WITH t AS (SELECT 1) SELECT * FROM t", False),
        ("WITH t AS (DELETE FROM s RETURNING *) SELECT * FROM t", True),
    ],
)
def test_is_write(sql: str, writes: bool) -> None:
    assert is_write(sql) is writes


@pytest.mark.parametrize(
    ("sql", "table"),
    [
        ('UPDATE "shop_tag" SET "name" = %s', "shop_tag"),
        ("DELETE FROM `shop_tag`", "shop_tag"),
        ('INSERT OR IGNORE INTO "shop_tag" ("name") VALUES (%s)', "shop_tag"),
        ('UPDATE "public"."shop_tag" SET "name" = %s', None),
        ("DELETE FROM `shop`.`shop_tag`", None),
        ('WITH x AS (SELECT 1) UPDATE "shop_tag" SET "name" = %s', None),
    ],
)
def test_table(sql: str, table: str | None) -> None:
    assert Write(sql).table == table


@pytest.mark.parametrize(
    ("sql", "table"),
    [
        ('UPDATE "shop_tag" SET "name" = %s', "shop_tag"),
        ('UPDATE "shop_tag" SET "name" = %s;', "shop_tag"),
        ('UPDATE "shop_tag" SET "name" = %s; UPDATE "shop_event" SET "a" = 1', None),
        ('UPDATE "shop_tag" SET "name" = \';\'', None),
        ('UPDATE "shop_tag_view" SET "name" = %s', None),
        ('UPDATE "SHOP_TAG" SET "name" = %s', None),
    ],
)
def test_one_statement_to_a_table_of_a_model(sql: str, table: str | None) -> None:
    statement_log = StatementLog(["default"])

    statement_log(lambda *args: None, sql, ("a",), False, {"connection": connection})

    assert [each.table for each in statement_log.writes] == [table]


def test_is_wrapped() -> None:
    statement_log = StatementLog(["default"])

    with statement_log.recording():
        assert not is_wrapped("default")
        with connection.execute_wrapper(lambda execute, *args: execute(*args)):
            assert is_wrapped("default")
        assert not is_wrapped("default")
