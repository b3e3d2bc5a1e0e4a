"""The values of instances as parameters of statements, column by column.

`Field.get_db_prep_save` is asked once per field what it does; values whose exact type
shows that it would return them as they are, or through one adapter, do not pass it.
"""

from __future__ import annotations

import datetime
import decimal
import uuid
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any, Final

from django.conf import settings
from django.db import models
from django.db.models import Field, Model

Convert = Callable[[Any], Any]

_TEXTS: Final = frozenset(
    {
        models.CharField,
        models.EmailField,
        models.SlugField,
        models.TextField,
        models.URLField,
    }
)
_INTEGERS: Final = frozenset(
    {
        models.BigIntegerField,
        models.IntegerField,
        models.PositiveBigIntegerField,
        models.PositiveIntegerField,
        models.PositiveSmallIntegerField,
        models.SmallIntegerField,
    }
)
_KEYS: Final = frozenset({models.AutoField, models.BigAutoField, models.SmallAutoField})


class HasExpression(Exception):
    """A value is an SQL expression, which the ORM alone can compile."""


def get_columns(
    instances: Sequence[Model],
    fields: Iterable[Field[Any, Any]],
    connection: Any,
    *,
    adding: bool,
) -> list[list[Any]]:
    """Return the parameters of each field, in the order of the instances.

    `pre_save` is called as `save()` would.

    Raises:
        HasExpression: one of the values is an expression.
    """
    columns = []
    for field in fields:
        convert = get_converter(field, connection)
        values = _get_values(instances, field, adding=adding)
        columns.append([convert(value) for value in values])
    return columns


def get_converter(field: Any, connection: Any) -> Convert:
    """Return what makes parameters of a field's values."""

    def prepare(value: Any) -> Any:
        if hasattr(value, "resolve_expression"):
            raise HasExpression
        return field.get_db_prep_save(value, connection=connection)

    kind, adapt = _get_shortcut(get_target(field), connection)
    if kind is None:
        return prepare
    if adapt is None:
        return lambda value: (
            value if value is None or type(value) is kind else prepare(value)
        )
    return lambda value: (
        None
        if value is None
        else adapt(value)
        if type(value) is kind
        else prepare(value)
    )


def _get_values(
    instances: Sequence[Model], field: Any, *, adding: bool
) -> Iterable[Any]:
    if type(field).pre_save is Field.pre_save or (
        type(field) in (models.DateField, models.DateTimeField, models.TimeField)
        and not field.auto_now
        and not (field.auto_now_add and adding)
    ):
        return map(attrgetter(field.attname), instances)
    return [field.pre_save(instance, adding) for instance in instances]


def get_target(field: Any) -> Any:
    """Return the field whose values these are: that behind foreign keys."""
    while type(field) in (models.ForeignKey, models.OneToOneField):
        field = field.target_field
    return field


def _get_shortcut(field: Any, connection: Any) -> tuple[type | None, Convert | None]:
    """Return a type, and what is to be done to values of exactly that type.

    No type: nothing is known of this field. No function: nothing has to be done.
    """
    kind: Any = type(field)
    ops, features = connection.ops, connection.features
    if kind in _TEXTS:
        return str, None
    if kind in _INTEGERS:
        return int, None
    if kind in _KEYS:
        return int, ops.validate_autopk_value
    if kind is models.BooleanField:
        return bool, None
    if kind is models.FloatField:
        return float, None
    if kind is models.UUIDField:
        native = features.has_native_uuid_field
        return uuid.UUID, None if native else attrgetter("hex")
    if kind is models.DateField:
        return datetime.date, ops.adapt_datefield_value
    if kind is models.TimeField:
        return datetime.time, ops.adapt_timefield_value
    if kind is models.DateTimeField:
        return datetime.datetime, _adapt_moments(field, connection)
    if kind is models.DecimalField:
        return decimal.Decimal, _adapt_decimals(field, connection)
    if kind is models.JSONField:
        return dict, lambda value: ops.adapt_json_value(value, field.encoder)
    return None, None


def _adapt_moments(field: Any, connection: Any) -> Convert:
    adapt: Convert = connection.ops.adapt_datetimefield_value
    if not settings.USE_TZ:
        return adapt

    def convert(value: datetime.datetime) -> Any:
        if value.tzinfo is None or value.utcoffset() is None:
            # Naive: the field warns, and takes it for one of the current time zone.
            return field.get_db_prep_save(value, connection=connection)
        return adapt(value)

    return convert


def _adapt_decimals(field: Any, connection: Any) -> Convert:
    adapt = connection.ops.adapt_decimalfield_value
    digits, places = field.max_digits, field.decimal_places

    def convert(value: decimal.Decimal) -> Any:
        if not value.is_finite():
            return field.get_db_prep_save(value, connection=connection)
        return adapt(value, digits, places)

    return convert
