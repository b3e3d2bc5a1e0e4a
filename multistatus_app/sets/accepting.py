"""What a batch's serializer accepts, found without asking DRF for each value.

Composed once per batch from the serializer and its fields. What it returns is what
`run_validation` would; where that is not certain it says `DOUBT`, and it never refuses.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from rest_framework import fields, relations
from rest_framework.serializers import Serializer

from multistatus_app.sets.composites import (
    CONVERTING,
    compose_converted,
    compose_json,
)
from multistatus_app.sets.defaults import compose_absent, compose_default
from multistatus_app.sets.origins import has_stock, is_inherited
from multistatus_app.sets.relating import compose_relation
from multistatus_app.sets.scalars import (
    compose_address,
    compose_boolean,
    compose_decimal,
    compose_float,
    compose_integer,
    compose_text,
)
from multistatus_app.sets.uniques import KnownUniqueTogetherValidator
from multistatus_app.sets.verdicts import (
    DOUBT,
    SKIP,
    Absent,
    Accept,
    Check,
    Doubt,
    Verdict,
)

AcceptAll: TypeAlias = Callable[[Any, Any], dict[str, Any] | Doubt]
"""The data as sent, and the instance or None: the validated data, or DOUBT."""

_VALIDATING: Final = (
    "__getattr__",
    "__getattribute__",
    "_read_only_defaults",
    "_writable_fields",
    "get_default",
    "get_validators",
    "root",
    "run_validation",
    "run_validators",
    "set_value",
    "to_internal_value",
    "validate",
    "validate_empty_values",
    "validators",
)
_COMPOSERS: Final[dict[type, Callable[[Any], Accept | None]]] = {
    fields.BooleanField: compose_boolean,
    fields.CharField: compose_text,
    fields.DecimalField: compose_decimal,
    fields.EmailField: compose_text,
    fields.FloatField: compose_float,
    fields.IPAddressField: compose_address,
    fields.IntegerField: compose_integer,
    fields.JSONField: compose_json,
    fields.RegexField: compose_text,
    fields.SlugField: compose_text,
    fields.URLField: compose_text,
    relations.ManyRelatedField: compose_relation,
    relations.PrimaryKeyRelatedField: compose_relation,
    relations.SlugRelatedField: compose_relation,
}
# Their defaults, and that they may be left out, are those of any field.
_DOUBTED: Final = frozenset(
    {fields.HiddenField, fields.ModelField, relations.HyperlinkedRelatedField}
)
_KNOWN: Final = CONVERTING | _DOUBTED | frozenset(_COMPOSERS)


def compose(serializer: Serializer[Any], *, partial: bool) -> AcceptAll | None:
    """Return what a serializer accepts, or None where a project takes part in that.

    The serializer's context is read when it is needed: for the current user.
    """
    if not _is_plain(serializer):
        return None
    plan = [
        (
            str(field.field_name),
            str(field.source),
            *_compose_field(field, partial=partial),
        )
        for field in serializer._writable_fields
    ]
    check = _compose_whole(serializer, partial=partial)

    def accept(data: Any, instance: Any) -> dict[str, Any] | Doubt:
        if type(data) is not dict:
            return DOUBT
        result: dict[str, Any] = {}
        try:
            for name, source, accept_value, absent in plan:
                value = data.get(name, SKIP)
                value = (
                    absent(instance) if value is SKIP else accept_value(value, instance)
                )
                if type(value) is not Verdict:
                    result[source] = value
                elif value is not SKIP:
                    return DOUBT
            return result if check is None or check(result, instance) else DOUBT
        except Exception:  # whatever it is, DRF's own answer is as clear
            return DOUBT

    return accept


def _is_plain(serializer: Any) -> bool:
    """Whether only DRF's own code, and what is known, decides what is valid."""
    return (
        isinstance(serializer, Serializer)
        and serializer.root is serializer
        and not serializer.read_only
        and has_stock(serializer, (*_VALIDATING, "fields"))
        and all(map(_is_known_writable, serializer._writable_fields))
        and all(map(_is_known_default, _get_read_only(serializer)))
        and all(_is_known_together(serializer, each) for each in serializer.validators)
    )


def _is_known_writable(field: Any) -> bool:
    return (
        not hasattr(field.parent, f"validate_{field.field_name}")
        and len(field.source_attrs) == 1
        and type(field) in _KNOWN
        and is_inherited(field)
    )


def _is_known_default(field: Any) -> bool:
    return has_stock(field, ("get_default", "root", "context"))


def _is_known_together(serializer: Serializer[Any], validator: Any) -> bool:
    return type(validator) is KnownUniqueTogetherValidator and all(
        name in serializer.fields for name in _get_names(validator)
    )


def _get_names(validator: KnownUniqueTogetherValidator) -> list[str]:
    """Return the fields without which no row can be made."""
    stock = validator.validator
    return [*stock.fields, *getattr(stock, "condition_fields", ())]


def _get_read_only(serializer: Serializer[Any]) -> list[Any]:
    """Return the fields whose defaults validators see."""
    return [
        field
        for field in serializer.fields.values()
        if field.read_only
        and field.default is not fields.empty
        and len(field.source_attrs) == 1
    ]


def _compose_field(field: Any, *, partial: bool) -> tuple[Accept, Absent]:
    """Return what a field does with a value, and without one."""
    absent = compose_absent(field, partial=partial)
    if type(field) is fields.HiddenField:
        return lambda value, instance: absent(instance), absent
    composer = _COMPOSERS.get(type(field), compose_converted)
    return composer(field) or _compose_doubt(field), absent


def _compose_whole(serializer: Serializer[Any], *, partial: bool) -> Check | None:
    """Return what the validators of a serializer check, which see defaults, too."""
    fields = [] if partial else _get_read_only(serializer)
    defaults = [(str(field.source), compose_default(field)) for field in fields]
    validators: list[Any] = list(serializer.validators)
    required = {
        str(serializer.fields[name].source)
        for validator in validators
        for name in _get_names(validator)
    }
    if not defaults and not validators:
        return None

    def check(result: Any, instance: Any) -> bool:
        attrs = {}
        for source, absent in defaults:
            value = absent(instance)
            if value is DOUBT:
                return False
            if value is not SKIP:
                attrs[source] = value
        attrs.update(result)
        if instance is None and not required <= attrs.keys():
            return False
        return all(each.is_free(attrs, instance) for each in validators)

    return check


def _compose_doubt(field: Any) -> Accept:
    """Return what a field accepts of which no value but None is known."""
    allow_null = field.allow_null
    return lambda value, instance: None if value is None and allow_null else DOUBT


__all__ = ["DOUBT", "AcceptAll", "Doubt", "compose"]
