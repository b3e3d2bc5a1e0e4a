"""Texts, numbers and booleans, accepted without DRF's own steps.

Each closure here is a shortcut for what its field class does with the commonest type of
value, and says DOUBT, or asks `to_internal_value`, for any other.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from multistatus_app.sets.validating import (
    check_all,
    compose_checks,
    compose_number_limits,
    compose_text_limits,
    has_odd_characters,
)
from multistatus_app.sets.verdicts import DOUBT, Accept

# `int()` and `str()` of what is shorter never fail, whatever limit Python is given.
_LARGEST: Final = 10**18
_NUMBERS: Final = frozenset({int, float, str})


def compose_text(field: Any) -> Accept | None:
    """Return what a field accepts that has `CharField.to_internal_value`."""
    limits = compose_text_limits(field.validators)
    if limits is None:
        return None
    low, high, checks = limits.low, limits.high, limits.checks
    trim, allow_blank = field.trim_whitespace, field.allow_blank
    allow_null = field.allow_null

    def accept(value: Any, instance: Any) -> Any:
        if type(value) is not str:
            if value is None:
                return None if allow_null else DOUBT
            if type(value) is not int and type(value) is not float:
                return DOUBT
            value = str(value)
        if trim:
            value = value.strip()
        if not value:
            return "" if allow_blank else DOUBT
        if not low <= len(value) <= high or has_odd_characters(value):
            return DOUBT
        return check_all(value, instance, checks)

    return accept


def compose_address(field: Any) -> Accept | None:
    """Return what an IPAddressField accepts: a text that it converts."""
    checks = compose_checks(field.validators)
    if checks is None:
        return None
    trim, allow_blank = field.trim_whitespace, field.allow_blank
    allow_null, convert = field.allow_null, field.to_internal_value

    def accept(value: Any, instance: Any) -> Any:
        if value is None:
            return None if allow_null else DOUBT
        if type(value) is not str:
            return DOUBT
        if not (value.strip() if trim else value):
            return "" if allow_blank else DOUBT
        value = convert(value)
        return check_all(value, instance, checks)

    return accept


def compose_integer(field: Any) -> Accept | None:
    """Return what an IntegerField accepts."""
    if "re_decimal" in vars(field):
        return None
    return _compose_number(field, _is_plain_integer)


def compose_float(field: Any) -> Accept | None:
    """Return what a FloatField accepts."""
    return _compose_number(field, _is_plain_float)


def _is_plain_integer(value: Any) -> bool:
    return type(value) is int and -_LARGEST < value < _LARGEST


def _is_plain_float(value: Any) -> bool:
    return type(value) is float and math.isfinite(value)


def _compose_number(field: Any, is_plain: Callable[[Any], bool]) -> Accept | None:
    """Return what a field accepts that takes plain numbers as they are."""
    limits = compose_number_limits(field.validators)
    if limits is None:
        return None
    low, high, checks = limits.low, limits.high, limits.checks
    allow_null, convert = field.allow_null, field.to_internal_value

    def accept(value: Any, instance: Any) -> Any:
        if not is_plain(value):
            if value is None:
                return None if allow_null else DOUBT
            if type(value) not in _NUMBERS:
                return DOUBT
            value = convert(value)
        if not low <= value <= high:
            return DOUBT
        return check_all(value, instance, checks)

    return accept


def compose_boolean(field: Any) -> Accept | None:
    """Return what a BooleanField accepts."""
    checks = compose_checks(field.validators)
    if checks is None:
        return None
    plain = True in field.TRUE_VALUES and False not in field.TRUE_VALUES
    plain = plain and False in field.FALSE_VALUES
    allow_null, convert = field.allow_null, field.to_internal_value

    def accept(value: Any, instance: Any) -> Any:
        if type(value) is not bool or not plain:
            if value is None:
                return None if allow_null else DOUBT
            if type(value) is not bool and type(value) not in _NUMBERS:
                return DOUBT
            value = convert(value)
        return check_all(value, instance, checks)

    return accept


def compose_decimal(field: Any) -> Accept | None:
    """Return what a DecimalField accepts.

    A number that has all its places, and not too many digits before them, is what DRF
    would quantize it to, in any context. DRF is asked for the others.
    """
    checks = compose_checks(field.validators)
    if checks is None:
        return None
    quantum, limit = get_quantum(field)
    plain = not field.localize
    allow_null, convert = field.allow_null, field.to_internal_value
    longest = field.MAX_STRING_LENGTH

    def accept(value: Any, instance: Any) -> Any:
        if type(value) not in _NUMBERS:
            return None if value is None and allow_null else DOUBT
        text = str(value).strip()
        if not text:
            return None if allow_null else DOUBT
        number = Decimal(text) if plain and len(text) <= longest else None
        if (
            number is None
            or quantum is None
            or not number.same_quantum(quantum)
            or not -limit < number < limit
        ):
            number = convert(value)
        return check_all(number, instance, checks)

    return accept


def get_quantum(field: Any) -> tuple[Decimal | None, Decimal]:
    """Return the last place of a DecimalField, and what its numbers are less than.

    None where its digits or its places are not limited.
    """
    places, digits = field.decimal_places, field.max_digits
    if type(places) is not int or type(digits) is not int:
        return None, Decimal(0)
    if not 0 <= places <= digits or digits == 0:
        return None, Decimal(0)
    return Decimal((0, (1,), -places)), Decimal((0, (1,), digits - places))
