"""How one field shows a row: by itself where that is certain, else by DRF's steps."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final, TypeAlias

from django.db.models import Model
from rest_framework import fields, relations
from rest_framework.fields import SkipField
from rest_framework.relations import PKOnlyObject
from rest_framework.settings import api_settings

from multistatus_app.sets.columns import get_column, get_relation, is_in_state
from multistatus_app.sets.scalars import get_quantum
from multistatus_app.sets.verdicts import SKIP

Show: TypeAlias = Callable[[Any, dict[str, Any]], Any]
"""A row and its `__dict__`: what the field shows of it, or SKIP."""

_TEXTS: Final = frozenset({str})
# Attributes of these types are not called, and compare and convert as Python does.
_PLAIN: Final = frozenset(
    {
        bool,
        bytes,
        datetime.date,
        datetime.datetime,
        datetime.time,
        datetime.timedelta,
        Decimal,
        dict,
        float,
        int,
        list,
        str,
        tuple,
        uuid.UUID,
    }
)
_KEYS: Final = frozenset({int, str, uuid.UUID})
# What a field shows as it is.
_SAME: Final[dict[type, frozenset[type]]] = {
    fields.CharField: _TEXTS,
    fields.EmailField: _TEXTS,
    fields.FloatField: frozenset({float}),
    fields.IPAddressField: _TEXTS,
    fields.IntegerField: frozenset({int}),
    fields.ReadOnlyField: _PLAIN,
    fields.RegexField: _TEXTS,
    fields.SlugField: _TEXTS,
    fields.URLField: _TEXTS,
}


def compose_show(field: Any, model: type[Model]) -> Show:
    """Return how a stock field, of a column or a relation of a model, shows a row."""
    if type(field) is relations.SlugRelatedField:
        return _compose_slug(field, model)
    column = get_column(model, field.source)
    if column is None or not is_in_state(model, column) or _is_other_relation(field):
        return lambda instance, state: show_as_drf(field, instance)
    if type(field) is relations.PrimaryKeyRelatedField:
        return _compose_plain(field, model, _KEYS)
    if type(field) is fields.DecimalField:
        return _compose_decimal(field, model)
    return _compose_plain(field, model, _get_same(field))


def show_as_drf(field: Any, instance: Any) -> Any:
    """Return what a field shows, by the steps of `Serializer.to_representation`."""
    try:
        attribute = field.get_attribute(instance)
    except SkipField:
        return SKIP
    known = attribute.pk if isinstance(attribute, PKOnlyObject) else attribute
    return None if known is None else field.to_representation(attribute)


def _is_other_relation(field: Any) -> bool:
    """Whether a relation is not shown by the key that its own row has."""
    if type(field) is relations.PrimaryKeyRelatedField:
        return field.pk_field is not None
    return isinstance(field, relations.RelatedField | relations.ManyRelatedField)


def _get_same(field: Any) -> frozenset[type]:
    if type(field) is fields.JSONField and not field.binary:
        return _PLAIN
    if type(field) is fields.BooleanField:
        true, false = field.TRUE_VALUES, field.FALSE_VALUES
        plain = True in true and False not in true and False in false
        return frozenset({bool}) if plain else frozenset()
    return _SAME.get(type(field), frozenset())


def _compose_plain(field: Any, model: type[Model], same: frozenset[type]) -> Show:
    name, convert = get_column(model, field.source).attname, field.to_representation
    plain = frozenset() if same is _KEYS else _PLAIN

    def show(instance: Any, state: dict[str, Any]) -> Any:
        value = state.get(name, SKIP)
        kind = type(value)
        if kind in same or value is None:
            return value
        return convert(value) if kind in plain else show_as_drf(field, instance)

    return show


def _compose_decimal(field: Any, model: type[Model]) -> Show:
    """Return how a DecimalField shows a number that has all its places: as it is."""
    quantum, limit = get_quantum(field)
    text = getattr(field, "coerce_to_string", api_settings.COERCE_DECIMAL_TO_STRING)
    show_plainly = _compose_plain(field, model, frozenset())
    if quantum is None or not text or field.localize or field.normalize_output:
        return show_plainly
    name = get_column(model, field.source).attname

    def show(instance: Any, state: dict[str, Any]) -> Any:
        value = state.get(name, SKIP)
        if (
            type(value) is Decimal
            and value.same_quantum(quantum)
            and -limit < value < limit
        ):
            return f"{value:f}"
        return show_plainly(instance, state)

    return show


def _compose_slug(field: Any, model: type[Model]) -> Show:
    relation, slug = get_relation(model, field.source), field.slug_field
    column = get_column(relation.related_model, slug)
    if not is_in_state(relation.related_model, column):
        return lambda instance, state: show_as_drf(field, instance)

    def show(instance: Any, state: dict[str, Any]) -> Any:
        related = relation.get_cached_value(instance, default=None)
        if type(related) is relation.related_model:
            value = vars(related).get(slug, SKIP)
            if type(value) in _PLAIN:
                return value
        return show_as_drf(field, instance)

    return show
