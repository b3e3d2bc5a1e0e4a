"""Changes that a database makes on its own: triggers, rules, cascades."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final

from django.db import Error as DatabaseException
from django.db import transaction

_QUERIES: Final = {
    "postgresql": """
        SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
        WHERE NOT t.tgisinternal
        UNION SELECT c.relname FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
        WHERE r.ev_type <> '1' AND c.relnamespace <> 'pg_catalog'::regnamespace
        UNION SELECT c.relname FROM pg_constraint k JOIN pg_class c
        ON c.oid = k.confrelid WHERE k.contype = 'f'
        AND (k.confdeltype IN ('c', 'n', 'd') OR k.confupdtype IN ('c', 'n', 'd'))
    """,
    "mysql": """
        SELECT event_object_table FROM information_schema.triggers
        WHERE event_object_schema = DATABASE()
        UNION SELECT referenced_table_name
        FROM information_schema.referential_constraints
        WHERE constraint_schema = DATABASE()
        AND NOT (delete_rule IN ('RESTRICT', 'NO ACTION')
        AND update_rule IN ('RESTRICT', 'NO ACTION'))
    """,
    "sqlite": """
        SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'
        UNION SELECT tbl_name FROM sqlite_temp_master WHERE type = 'trigger'
        UNION SELECT k."table"
        FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) k
        WHERE m.type = 'table' AND (m.sql LIKE '%cascade%' OR m.sql LIKE '%set%null%'
        OR m.sql LIKE '%set%default%')  -- to parse no other table's definition
        AND NOT (k.on_delete IN ('RESTRICT', 'NO ACTION')
        AND k.on_update IN ('RESTRICT', 'NO ACTION'))
    """,
}


def get_reaching_tables(connection: Any) -> frozenset[str] | None:
    """Return the tables whose writes the database may carry on to other rows.

    None if that is not known: then every write may.
    """
    query = _QUERIES.get(connection.vendor)
    if query is None:
        return None
    try:
        with _undoing_failure(connection), connection.cursor() as cursor:
            cursor.execute(query)
            return frozenset(str(name) for (name,) in cursor.fetchall())
    except DatabaseException:
        return None


def _undoing_failure(connection: Any) -> AbstractContextManager[None]:
    """Return a savepoint on PostgreSQL, where a failed query ends the transaction."""
    if connection.vendor != "postgresql":
        return nullcontext()
    savepoint: AbstractContextManager[None] = transaction.atomic(connection.alias)
    return savepoint
