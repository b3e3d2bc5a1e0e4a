"""Values that hold values, and all else that a stock field's own method converts."""

from __future__ import annotations

import math
from typing import Any, Final

from rest_framework import fields

from multistatus_app.sets.origins import is_inherited
from multistatus_app.sets.validating import check_all, compose_checks
from multistatus_app.sets.verdicts import DOUBT, Accept

# What parsers make. DRF converts other values, too, but may use them up.
_PLAIN: Final = frozenset({bool, int, float, str, list, dict})
_LARGEST: Final = 10**18
_DEEPEST: Final = 4
# By name, because not every version of DRF has each.
CONVERTING: Final = frozenset(
    cls
    for name in (
        "BigIntegerField",
        "BooleanField",
        "CharField",
        "ChoiceField",
        "DateField",
        "DateTimeField",
        "DecimalField",
        "DictField",
        "DurationField",
        "EmailField",
        "FileField",
        "FilePathField",
        "FloatField",
        "HStoreField",
        "IPAddressField",
        "ImageField",
        "IntegerField",
        "JSONField",
        "ListField",
        "MultipleChoiceField",
        "RegexField",
        "SlugField",
        "TimeField",
        "URLField",
        "UUIDField",
        "_UnvalidatedField",
    )
    if (cls := getattr(fields, name, None)) is not None
)


def is_pure(field: Any) -> bool:
    """Whether no code of a project's own takes part in how a field converts values."""
    if type(field) not in CONVERTING or not is_inherited(field):
        return False
    if type(field) is fields.JSONField:
        return all(
            each is None or each.__module__.startswith(("django.", "rest_framework."))
            for each in (field.encoder, field.decoder)
        )
    child = getattr(field, "child", None)
    return child is None or is_pure(child)


def compose_converted(field: Any) -> Accept | None:
    """Return what a field accepts that has DRF's `Field.run_validation`."""
    checks = compose_checks(field.validators)
    if checks is None or not is_pure(field) or not _are_alone(field):
        return None
    allow_null, convert = field.allow_null, field.to_internal_value

    def accept(value: Any, instance: Any) -> Any:
        if type(value) not in _PLAIN:
            return None if value is None and allow_null else DOUBT
        value = convert(value)
        return check_all(value, instance, checks)

    return accept


def compose_json(field: Any) -> Accept | None:
    """Return what a JSONField accepts: mostly a value that needs no trial."""
    convert = compose_converted(field)
    if convert is None or field.binary or field.encoder is not None:
        return convert
    checks = compose_checks(field.validators) or ()

    def accept(value: Any, instance: Any) -> Any:
        if value is None or not _is_json(value, _DEEPEST):
            return convert(value, instance)
        return check_all(value, instance, checks)

    return accept


def _is_json(value: Any, depth: int) -> bool:
    """Whether `json.dumps` takes a value for certain."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if kind is int:
        return bool(-_LARGEST < value < _LARGEST)
    if kind is float:
        return math.isfinite(value)
    if not depth:
        return False
    if kind is dict:
        for key in value:
            if type(key) is not str:
                return False
        value = value.values()
    elif kind is not list:
        return False
    for each in value:  # noqa: SIM110 (a generator costs more)
        if not _is_json(each, depth - 1):
            return False
    return True


def _are_alone(field: Any) -> bool:
    """Whether the validators of the children ask nothing beyond the value."""
    child = getattr(field, "child", None)
    if child is None:
        return True
    validators = child.validators
    return (
        compose_checks(validators) is not None
        and not any(getattr(each, "requires_context", False) for each in validators)
        and _are_alone(child)
    )
