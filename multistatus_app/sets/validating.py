"""The validators of a field that are known to be pure, and the commonest ones inlined.

Any other validator may do anything: where there is one, each value is a doubt.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.core.validators import (
    MaxLengthValidator,
    MaxValueValidator,
    MinLengthValidator,
    MinValueValidator,
    ProhibitNullCharactersValidator,
)
from rest_framework.validators import ProhibitSurrogateCharactersValidator

from multistatus_app.sets.origins import is_of, is_shadowing
from multistatus_app.sets.uniques import KnownUniqueValidator
from multistatus_app.sets.verdicts import DOUBT, Check

_MODULES: Final = frozenset(
    {
        "django.core.validators",
        "django.contrib.auth.validators",
        "django.contrib.postgres.validators",
        "rest_framework.validators",
    }
)
_CHARACTERS: Final = (
    ProhibitNullCharactersValidator,
    ProhibitSurrogateCharactersValidator,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What of validators is two comparisons, and what is not."""

    low: float
    high: float
    checks: tuple[Check, ...]


def check_all(value: Any, instance: Any, checks: Iterable[Check]) -> Any:
    """Return a value that passes all checks, or DOUBT."""
    for check in checks:
        if not check(value, instance):
            return DOUBT
    return value


def compose_checks(validators: Iterable[Any]) -> tuple[Check, ...] | None:
    """Return what validators check, or None where one of them is not known."""
    checks = []
    for validator in validators:
        check = _compose_check(validator)
        if check is None:
            return None
        checks.append(check)
    return tuple(checks)


def compose_text_limits(validators: Iterable[Any]) -> Limits | None:
    """Return the limits of a text's length, and the checks beyond them.

    Whoever asks checks the characters: see `has_odd_characters`.
    """
    others = [each for each in validators if type(each) not in _CHARACTERS]
    return _compose_limits(others, MinLengthValidator, MaxLengthValidator)


def compose_number_limits(validators: Iterable[Any]) -> Limits | None:
    """Return the limits of a number, and the checks beyond them."""
    return _compose_limits(list(validators), MinValueValidator, MaxValueValidator)


def has_odd_characters(text: str) -> bool:
    """Whether a text has NUL or lone surrogates, which no CharField accepts."""
    if "\x00" in text:
        return True
    if text.isascii():
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _compose_limits(validators: list[Any], least: type, most: type) -> Limits | None:
    low, high = -math.inf, math.inf
    others = []
    for validator in validators:
        limit = getattr(validator, "limit_value", None)
        if type(limit) is not int or is_shadowing(validator):
            others.append(validator)
        elif type(validator) is least:
            low = max(low, limit)
        elif type(validator) is most:
            high = min(high, limit)
        else:
            others.append(validator)
    checks = compose_checks(others)
    return None if checks is None else Limits(low=low, high=high, checks=checks)


def _compose_check(validator: Any) -> Check | None:
    if type(validator) is KnownUniqueValidator:
        return validator.known.is_free
    if not _is_known(validator):
        return None

    def check(value: Any, instance: Any) -> bool:
        validator(value)
        return True

    return check


def _is_known(validator: Any) -> bool:
    if is_of(validator, _MODULES):
        return True
    return (
        is_of(type(validator), _MODULES)
        and not getattr(validator, "requires_context", False)
        and not callable(getattr(validator, "limit_value", None))
        and not is_shadowing(validator)
    )
