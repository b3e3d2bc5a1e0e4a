"""Asks a database which texts its collations treat as equal.

MariaDB and MySQL compare text by the collation of its column, where `Oulu` may equal
`OULU`. Python does not know collations, so the database compares the texts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.db import connections

_COLLATION = """
    SELECT collation_name FROM information_schema.columns
    WHERE table_schema = DATABASE() AND table_name = %s AND column_name = %s
"""


def can_tell(using: str) -> bool:
    """Return True if `are_distinct` can ask this database."""
    return bool(connections[using].vendor == "mysql")


def are_distinct(column: Any, texts: Iterable[str], using: str) -> bool:
    """Return True if no two different texts are equal in a column.

    Raises:
        DatabaseError: an old version that has no JSON_TABLE.
    """
    found = set(texts)
    # No savepoint: a failed statement does not end the transaction there.
    with connections[using].cursor() as cursor:
        cursor.execute(_COLLATION, [column.model._meta.db_table, column.column])
        [(collation,)] = cursor.fetchall()
        if collation is None or not collation.replace("_", "").isalnum():
            return False
        cursor.execute(
            f"SELECT COUNT(DISTINCT text COLLATE {collation}) FROM JSON_TABLE("
            "%s, '$[*]' COLUMNS (text LONGTEXT CHARACTER SET utf8mb4 PATH '$')) texts",
            [json.dumps(sorted(found))],
        )
        [(count,)] = cursor.fetchall()
    return bool(count == len(found))
