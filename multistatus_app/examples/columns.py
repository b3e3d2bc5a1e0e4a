"""Serializer fields for what is only known by a model's column or a type annotation."""

from __future__ import annotations

import datetime
import decimal
import typing
import uuid
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models.constants import LOOKUP_SEP
from rest_framework import serializers
from rest_framework.utils.field_mapping import get_field_kwargs

# What a column knows that is nothing to a field which stands alone.
_UNWANTED: Final = ("model_field", "read_only", "required", "default")


def get_related_model(field: Any) -> Any:
    """Return the model that a relation points to, or None."""
    queryset = getattr(field, "queryset", None)
    if queryset is not None:
        return queryset.model
    many = isinstance(field.parent, serializers.ManyRelatedField)
    owner = field.parent if many else field
    if getattr(owner, "source", None) == "*":  # the URL of the object itself
        return _get_model(owner)
    return getattr(get_column(owner), "related_model", None)


def get_column(field: Any) -> Any:
    """Return the model's field that a serializer's field is about, or None."""
    source = (field.source or "").replace(".", LOOKUP_SEP)
    return get_model_field(_get_model(field), source)


def get_property(field: Any) -> Any:
    """Return the function of the property that a field shows, or None."""
    attribute = getattr(_get_model(field), field.source or "", None)
    return getattr(attribute, "fget", getattr(attribute, "func", attribute))


def get_model_field(model: Any, name: str) -> Any:
    """Return the field of a model by a lookup such as `country__code`, or None."""
    field = None
    for step in name.split(LOOKUP_SEP):
        if model is None:
            return None
        try:
            field = model._meta.pk if step == "pk" else model._meta.get_field(step)
        except FieldDoesNotExist:
            return None
        model = field.related_model
    return field


def get_column_field(column: Any) -> Any:
    """Return a serializer field that takes what the column takes."""
    while getattr(column, "target_field", None) is not None:
        column = column.target_field
    if not isinstance(column, models.Field):  # a reverse relation
        return serializers.IntegerField()
    kwargs = get_field_kwargs(column.name, column)
    if "choices" in kwargs:
        return serializers.ChoiceField(kwargs["choices"])
    mapping = serializers.ModelSerializer.serializer_field_mapping
    for base in type(column).__mro__:
        if base in mapping:
            kwargs = {k: v for k, v in kwargs.items() if k not in _UNWANTED}
            return mapping[base](**kwargs)
    return serializers.CharField()


def get_annotated_field(function: Any) -> Any:
    """Return a serializer field for what a function says it returns, else for text."""
    try:
        hint = typing.get_type_hints(function).get("return", str)
    except Exception:  # a hint that cannot be resolved at runtime
        hint = str
    return _get_typed_field(hint)


def _get_typed_field(hint: Any) -> Any:
    """Return a serializer field for a type."""
    origin = typing.get_origin(hint) or hint
    arguments = [each for each in typing.get_args(hint) if each is not type(None)]
    if origin is typing.Literal:
        return serializers.ChoiceField(arguments)
    if origin in _FIELDS:
        return _FIELDS[origin]()
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return serializers.DictField()
    if isinstance(origin, type) and issubclass(origin, Iterable):
        child = _get_typed_field(arguments[0] if arguments else str)
        return serializers.ListField(child=child)
    # A union: its first member. Anything else: a text.
    return _get_typed_field(arguments[0]) if arguments else serializers.CharField()


def _get_model(field: Any) -> Any:
    """Return the model of the serializer that a field belongs to, or None."""
    return getattr(getattr(field.parent, "Meta", None), "model", None)


_FIELDS: Final[Mapping[Any, Any]] = {
    str: serializers.CharField,
    int: serializers.IntegerField,
    float: serializers.FloatField,
    bool: serializers.BooleanField,
    decimal.Decimal: lambda: serializers.DecimalField(max_digits=9, decimal_places=2),
    uuid.UUID: serializers.UUIDField,
    datetime.datetime: serializers.DateTimeField,
    datetime.date: serializers.DateField,
    datetime.time: serializers.TimeField,
    datetime.timedelta: serializers.DurationField,
}
