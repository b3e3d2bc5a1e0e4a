"""Writes row by row inside PostgreSQL, which then tells which rows it refused.

A temporary function takes the columns as arrays and is dropped when it has run. It
costs the same few statements however many rows are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from django.db import DatabaseError, ProgrammingError, connections, transaction

from multistatus_app.sets.writers.arrays import Arrays
from multistatus_app.sets.writers.base import REFUSED, Refusals, RowsAreGone

Statement = Callable[[Sequence[str]], str]
"""Makes a statement of the names of a row's values."""

_NAME: Final = "pg_temp.multistatus_write"

# No right to make temporary things, and no language of this name.
_FORBIDDEN: Final = frozenset({"42501", "42704"})

# A savepoint for fifty rows, and for each only where one of the fifty is refused:
# PostgreSQL keeps 64 of a transaction in memory, and more slow down everybody.
# What RETURN NEXT gave is not taken back with its block: one that is gone may be told
# twice.
_FUNCTION: Final = """
CREATE FUNCTION {function}({arguments}) RETURNS SETOF text[] LANGUAGE plpgsql AS $write$
DECLARE
    multistatus record;
    multistatus_at integer;
    multistatus_1 text; multistatus_2 text; multistatus_3 text; multistatus_4 text;
    multistatus_5 text; multistatus_6 text; multistatus_7 text;
BEGIN
    FOR multistatus IN
        SELECT (place - 1) / 50 * 50 - 1 AS before, count(*)::integer AS size,
            {aggregates}
        FROM unnest({parameters}) WITH ORDINALITY AS given({names}, place)
        GROUP BY 1 ORDER BY 1
    LOOP
        BEGIN
            FOR multistatus_at IN 1 .. multistatus.size LOOP
                {row}
            END LOOP;
        EXCEPTION WHEN integrity_constraint_violation OR data_exception THEN
            FOR multistatus_at IN 1 .. multistatus.size LOOP
                BEGIN
                    {row}
                EXCEPTION WHEN integrity_constraint_violation OR data_exception THEN
                    GET STACKED DIAGNOSTICS
                        multistatus_1 = RETURNED_SQLSTATE,
                        multistatus_2 = MESSAGE_TEXT,
                        multistatus_3 = PG_EXCEPTION_DETAIL,
                        multistatus_4 = SCHEMA_NAME,
                        multistatus_5 = TABLE_NAME,
                        multistatus_6 = COLUMN_NAME,
                        multistatus_7 = CONSTRAINT_NAME;
                    RETURN NEXT ARRAY[
                        (multistatus.before + multistatus_at)::text, multistatus_1,
                        multistatus_2, multistatus_3, multistatus_4, multistatus_5,
                        multistatus_6, multistatus_7
                    ];
                END;
            END LOOP;
        END;
    END LOOP;
END
$write$
"""
_FOUND: Final = """;
                IF NOT FOUND THEN
                    RETURN NEXT ARRAY[(multistatus.before + multistatus_at)::text];
                END IF;
"""


def write_rows(statement: Statement, arrays: Arrays, using: str) -> Refusals | None:
    """Run for each row the statement that is made of names of its values.

    Returns:
        The refused, or None where this cannot be told here: nothing is written then.

    Raises:
        RowsAreGone: the statement did not find its row.
    """
    connection = connections[using]
    names = arrays.names
    create = _FUNCTION.format(
        function=_NAME,
        arguments=", ".join(f"{type_}[]" for type_ in arrays.types),
        aggregates=", ".join(f"array_agg({n} ORDER BY place) AS {n}" for n in names),
        parameters=", ".join(f"${place}" for place in range(1, len(names) + 1)),
        names=", ".join(names),
        row=statement([f"multistatus.{name}[multistatus_at]" for name in names])
        + _FOUND,
    )
    try:
        with transaction.atomic(using=using), connection.cursor() as cursor:
            cursor.execute(create)
            values = arrays.get(0, len(arrays.columns[0]))
            cursor.execute(f"SELECT * FROM {_NAME}({arrays.marks})", values)
            noted = [row for (row,) in cursor.fetchall()]
            cursor.execute(f"DROP FUNCTION {_NAME}")
    except REFUSED:  # a value that is not even one of its array's type
        return None
    except ProgrammingError as exc:
        if _get_state(exc) not in _FORBIDDEN:
            raise
        return None
    if any(len(row) == 1 for row in noted):
        raise RowsAreGone
    return {int(place): _get_error(connection, *rest) for place, *rest in noted}


def _get_state(exc: Exception) -> str | None:
    """Return the SQLSTATE that psycopg gives (3: `sqlstate`, 2: `pgcode`)."""
    cause = exc.__cause__
    return getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)


def _get_error(connection: Any, state: str, *notes: str | None) -> DatabaseError | None:
    """Return what the driver would have raised, or None where it cannot be made."""
    driver = connection.Database
    if driver.__name__ != "psycopg":
        return None
    message, detail, *names = notes
    field = driver.pq.DiagnosticField
    info = {
        field.SQLSTATE: state,
        field.MESSAGE_PRIMARY: message,
        field.MESSAGE_DETAIL: detail,
        field.SCHEMA_NAME: names[0],
        field.TABLE_NAME: names[1],
        field.COLUMN_NAME: names[2],
        field.CONSTRAINT_NAME: names[3],
    }
    text = f"{message}\nDETAIL:  {detail}" if detail else message
    try:
        with connection.wrap_database_errors:
            raise driver.errors.lookup(state)(
                text, info={key: value.encode() for key, value in info.items() if value}
            )
    except KeyError:  # a state that the driver has no class for
        return None
    except REFUSED as exc:
        return exc.with_traceback(None)
