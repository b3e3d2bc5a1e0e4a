"""Numbers within the limits of a serializer field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core import validators


def get_numbers(field: Any, number: int) -> Iterator[Any]:
    """Yield numbers within the limits that the field and its validators set."""
    lowest = _get_limits(field, validators.MinValueValidator, field.min_value)
    highest = _get_limits(field, validators.MaxValueValidator, field.max_value)
    steps = _get_limits(field, validators.StepValueValidator, None)
    if steps:
        start = max(lowest, default=0)
        yield from (start + steps[0] * n for n in (number, 0))
    first = max([*lowest, 1])
    yield first + number - 1
    yield first
    yield from lowest
    yield from highest
    if highest:
        yield min(highest) - number + 1


def _get_limits(field: Any, validator_class: Any, own: Any) -> list[Any]:
    """Return the limits of one kind."""
    limits = [] if own is None else [own]
    for validator in field.validators:
        if isinstance(validator, validator_class):
            value = validator.limit_value
            limits.append(value() if callable(value) else value)
    return limits
