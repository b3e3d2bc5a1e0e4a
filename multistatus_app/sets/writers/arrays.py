"""Columns of parameters as arrays of PostgreSQL, and the types that these have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Field, Model

from multistatus_app.sets.writers.columns import get_columns, get_target

# Without lengths and digits: a cast cuts off what an assignment refuses. Integers are
# as wide as can be, so that it is the column which refuses them.
_TYPES: Final = {
    "AutoField": "bigint",
    "BigAutoField": "bigint",
    "BigIntegerField": "bigint",
    "BinaryField": "bytea",
    "BooleanField": "boolean",
    "CharField": "text",
    "DateField": "date",
    "DateTimeField": "timestamptz",
    "DecimalField": "numeric",
    "DurationField": "interval",
    "FloatField": "double precision",
    "GenericIPAddressField": "inet",
    "IntegerField": "bigint",
    "JSONField": "jsonb",
    "PositiveBigIntegerField": "bigint",
    "PositiveIntegerField": "bigint",
    "PositiveSmallIntegerField": "bigint",
    "SlugField": "text",
    "SmallAutoField": "bigint",
    "SmallIntegerField": "bigint",
    "TextField": "text",
    "TimeField": "time",
    "UUIDField": "uuid",
}


class HasNoArray(Exception):
    """A field is not of the types that are known here."""


@dataclass(frozen=True, slots=True)
class Arrays:
    """One array for each field."""

    columns: Sequence[list[Any]]
    types: Sequence[str]

    @property
    def marks(self) -> str:
        """A placeholder for each array."""
        return ", ".join(f"%s::{each}[]" for each in self.types)

    @property
    def names(self) -> list[str]:
        """A name for each."""
        return [f"c{place}" for place in range(len(self.types))]

    def get(self, start: int, stop: int) -> list[Any]:
        """Return the parameters of some of the rows."""
        return [column[start:stop] for column in self.columns]


def get_arrays(
    instances: Sequence[Model],
    fields: Sequence[Field[Any, Any]],
    connection: Any,
    *,
    adding: bool,
) -> Arrays:
    """Return the values of instances.

    Raises:
        HasExpression: one of the values is an expression.
        HasNoArray: one of the fields is not known here.
    """
    types = [get_type(field) for field in fields]
    return Arrays(get_columns(instances, fields, connection, adding=adding), types)


def get_type(field: Any) -> str:
    """Return the type of an array's elements.

    Raises:
        HasNoArray: this field is not known here.
    """
    try:
        return _TYPES[get_target(field).get_internal_type()]
    except KeyError:
        raise HasNoArray from None
