"""All that there is to see after operations: tables, files, caches, a list."""

from __future__ import annotations

import pickle
import re
import shutil
import uuid
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.core.management.color import no_style
from django.db import connection, transaction

World = dict[str, Any]

_NEVER: Final = ("django_session", "django_migrations", "auth_user.password")
# Rows of these are made with the tables, and never change.
_KEPT: Final = ("django_content_type", "auth_permission", "django_migrations")
_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)?"
)
_UUID: Final = re.compile(
    r"\b[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\b"
)
_ADDRESS: Final = re.compile(r" at 0x[0-9a-f]+")
_FILE: Final = re.compile(r"_[A-Za-z0-9]{7}(?=\.\w+\b|/)")


def mask(value: Any) -> Any:
    """Take out of a value what is no two times the same."""
    match value:
        case datetime():
            return "<time>"
        case timedelta():
            return "<span>"
        case uuid.UUID():
            return "<uuid>"
        case str():
            text = _UUID.sub("<uuid>", _TIME.sub("<time>", value))
            return _FILE.sub("_<name>", text)
        case bytes() | memoryview():
            return repr(bytes(value))
        case dict():
            return {mask(name): mask(each) for name, each in value.items()}
        case list() | tuple():
            return [mask(each) for each in value]
    return value


def see(client: Any, path: str, volatile: Collection[str]) -> World:
    """Take down all there is.

    The caches come before the list, which may fill them.
    """
    world = {f"table {name}": rows for name, rows in _get_tables(volatile).items()}
    world["files"] = _get_files()
    if "caches" not in volatile:
        world["caches"] = _get_caches()
    response = client.get(path)
    world["list"] = [response.status_code, mask(response.content.decode())]
    return world


def get_tables() -> list[str]:
    """List the tables."""
    with connection.cursor() as cursor:
        return sorted(connection.introspection.table_names(cursor))


def _get_tables(volatile: Collection[str]) -> dict[str, list[str]]:
    left_out = {*_NEVER, *volatile}
    found = {}
    with connection.cursor() as cursor:
        for name in get_tables():
            if name in left_out:
                continue
            # The names are the database's own.
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(name)}")  # noqa: S608
            columns = [each[0] for each in cursor.description]
            found[name] = sorted(
                repr(
                    {
                        column: mask(value)
                        for column, value in zip(columns, row, strict=True)
                        if f"{name}.{column}" not in left_out
                    }
                )
                for row in cursor.fetchall()
            )
    return found


def _get_files() -> list[str]:
    root = Path(settings.MEDIA_ROOT)
    return sorted(
        f"{mask(str(each.relative_to(root)))}: {each.stat().st_size}"
        for each in root.rglob("*")
        if each.is_file()
    )


def _get_caches() -> dict[str, str]:
    found = {}
    for alias in settings.CACHES:
        cache: Any = caches[alias]
        if isinstance(cache, LocMemCache):
            for key, value in cache._cache.items():
                text = repr(mask(pickle.loads(value)))  # noqa: S301 (our own)
                found[mask(key)] = _ADDRESS.sub("", text)
    return found


def clean(library: ModuleType, seed: Callable[[], None]) -> None:
    """Begin anew: empty tables with their sequences, files and caches, then rows."""
    getattr(library, "before_clean", lambda: None)()
    _empty([each for each in get_tables() if each not in _KEPT])
    root = Path(settings.MEDIA_ROOT)
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    getattr(library, "clean", lambda: None)()
    _clear_caches()
    seed()
    _clear_caches()


def _empty(tables: list[str]) -> None:
    if connection.vendor == "postgresql":
        # TRUNCATE is slow for few rows. Nobody's triggers are run, ours the least.
        statements = [
            "SET session_replication_role = replica",
            *(f"DELETE FROM {connection.ops.quote_name(each)}" for each in tables),  # noqa: S608
            "SET session_replication_role = DEFAULT",
            "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, 1, "
            "false) FROM pg_sequences WHERE schemaname = current_schema()"
            " AND sequencename NOT LIKE 'django_content_type%'"
            " AND sequencename NOT LIKE 'auth_permission%'",
        ]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("; ".join(statements))
        return
    statements = connection.ops.sql_flush(
        no_style(), tables, reset_sequences=True, allow_cascade=False
    )
    connection.ops.execute_sql_flush(statements)


def _clear_caches() -> None:
    for alias in settings.CACHES:
        caches[alias].clear()
