"""The same rows again and again: only tables that were written are filled anew."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partialmethod
from typing import Any
from unittest.mock import patch

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from tests.parity import models
from tests.parity.resources import NEXT_ID, SEED

_WRITTEN = re.compile(r'\s*(?:INSERT(?: \w+)* INTO|UPDATE|DELETE FROM) ["`]([^"`]+)')

_USERS = (User, [
    {"id": 1, "username": "ann", "is_staff": True},
    {"id": 2, "username": "bob"},
])  # fmt: skip
_SEED = {model._meta.db_table: (model, rows) for model, rows in [_USERS, *SEED]}

TABLES = tuple(_SEED)
"""All tables that operations can write, parents first."""


class Database:
    """The rows, and which tables no longer have them."""

    def __init__(self) -> None:
        """Start with everything to do."""
        self.written = set(TABLES)

    def reset(self) -> None:
        """Fill the tables that were written, and let their ids begin anew."""
        models.UUIDS.restart()
        if not self.written:
            return
        tables = [each for each in TABLES if each in self.written]
        with connection.cursor() as cursor:
            if connection.vendor == "mysql":
                cursor.execute("SET FOREIGN_KEY_CHECKS = 0")
            with transaction.atomic():
                for table in reversed(tables):
                    cursor.execute(f"DELETE FROM {_quote(table)}")  # noqa: S608 (our own names)
                for table in tables:
                    _fill(cursor, table)
            if connection.vendor == "mysql":
                cursor.execute("SET FOREIGN_KEY_CHECKS = 1")
                for table in filter(_has_sequence, tables):
                    cursor.execute(
                        f"ALTER TABLE {_quote(table)} AUTO_INCREMENT = {NEXT_ID}"
                    )
        self.written.clear()

    @contextmanager
    def watching(self) -> Iterator[set[str]]:
        """Note which tables are written."""
        written: set[str] = set()

        def note(cursor: Any, sql: str, *rest: Any, stock: Any) -> Any:
            match = _WRITTEN.match(str(sql))
            if match:
                written.add(match[1])
            return stock(cursor, sql, *rest)

        with ExitStack() as stack:
            # No `execute_wrapper`: one that is not ours keeps operations from sets.
            for name in ("_execute", "_executemany"):
                stock = getattr(CursorWrapper, name)
                stack.enter_context(
                    patch.object(CursorWrapper, name, partialmethod(note, stock=stock))
                )
            try:
                yield written
            finally:
                self.written |= written

    def read(self, tables: set[str]) -> dict[str, list[Any]]:
        """Return the rows of tables."""
        rows = {}
        with connection.cursor() as cursor:
            for table in sorted(tables & set(TABLES)):
                cursor.execute(f"SELECT * FROM {_quote(table)} ORDER BY 1")  # noqa: S608 (our own names)
                rows[table] = [tuple(row) for row in cursor.fetchall()]
        return rows


def _quote(name: str) -> str:
    return connection.ops.quote_name(name)


def _has_sequence(table: str) -> bool:
    model = _SEED[table][0]
    kind = model._meta.pk.get_internal_type()
    return kind.endswith("AutoField") and model._meta.pk.column == "id"


def _fill(cursor: Any, table: str) -> None:
    model, rows = _SEED[table]
    fields = model._meta.local_concrete_fields
    for row in rows:
        instance = model(**row)
        names = ", ".join(_quote(field.column) for field in fields)
        marks = ", ".join(["%s"] * len(fields))
        values = [
            field.get_db_prep_save(getattr(instance, field.attname), connection)
            for field in fields
        ]
        sql = f"INSERT INTO {_quote(table)} ({names}) VALUES ({marks})"  # noqa: S608 (our own names)
        cursor.execute(sql, values)
    if not _has_sequence(table):
        return
    if connection.vendor == "sqlite":
        cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
        cursor.execute(
            "INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)",
            [table, NEXT_ID - 1],
        )
    elif connection.vendor == "postgresql":
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, NEXT_ID - 1]
        )
