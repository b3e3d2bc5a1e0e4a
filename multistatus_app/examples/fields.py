"""What a field of a serializer takes, most telling value first; no query is made.

Dispatched along the MRO of the field. What a field class of a project's own takes can
be told with `get_candidates.register`.
"""

from __future__ import annotations

import datetime
import decimal
import uuid
from collections.abc import Iterator
from functools import singledispatch
from itertools import islice
from typing import Any, Final

from django.core import validators
from django.core.exceptions import ValidationError
from django.urls import NoReverseMatch, reverse
from rest_framework import exceptions, serializers
from rest_framework.fields import empty
from rest_framework.settings import api_settings

from multistatus_app.examples import columns
from multistatus_app.examples.numbers import get_numbers
from multistatus_app.examples.patterns import get_match

# Nested deeper than this, a serializer most likely contains itself.
_MAX_DEPTH: Final = 5

# The only validators that are run here: stock ones neither query nor have side effects.
_STOCK_VALIDATORS: Final = (
    validators.BaseValidator,
    validators.DecimalValidator,
    validators.EmailValidator,
    validators.ProhibitNullCharactersValidator,
    validators.RegexValidator,
)


def get_example(
    serializer: Any, *, partial: bool = False, number: int = 1
) -> dict[str, Any]:
    """Return data that the serializer takes: its writable fields, files left out.

    With `partial`, one field. Another `number` gives other values, where there are any.
    """
    fields = [
        field
        for field in _get_fields(serializer)
        if not field.read_only
        and not isinstance(field, serializers.HiddenField | serializers.FileField)
        and _is_shallow(field)
    ]
    if partial:
        plain = [field for field in fields if not is_composite(field)]
        fields = (plain or fields)[:1]
    return {field.field_name: get_value(field, number=number) for field in fields}


def get_representation(serializer: Any, *, number: int = 1) -> dict[str, Any]:
    """Return what the serializer shows after it took `get_example`."""
    return {
        field.field_name: _get_shown(field, number=number)
        for field in _get_fields(serializer)
        if not field.write_only and _is_shallow(field)
    }


def get_value(field: Any, *, number: int = 1) -> Any:
    """Return a value that the field accepts, as far as its stock validators tell."""
    candidates = list(islice(get_candidates(field, number), 64))
    for candidate in candidates:
        if _accepts(field, candidate):
            return candidate
    return candidates[0] if candidates else None


def get_model_value(model: Any, name: str, *, number: int = 1) -> Any:
    """Return a JSON value of a model's field, which may be `pk` or a lookup."""
    field = columns.get_model_field(model, name)
    if field is None:
        return number if model is None else f"example-{number}"
    return get_value(columns.get_column_field(field), number=number)


def is_composite(field: Any) -> bool:
    """Whether the field stands for other objects."""
    return isinstance(
        field,
        serializers.BaseSerializer
        | serializers.RelatedField
        | serializers.ManyRelatedField,
    )


def is_stock(field: Any, *methods: str) -> bool:
    """Whether these methods are DRF's own, so that they neither query nor surprise."""
    return all(
        getattr(type(field), method, None) is not None
        and getattr(type(field), method).__module__.startswith("rest_framework.")
        for method in methods
    )


def _accepts(field: Any, value: Any) -> bool:
    """Whether the field takes the value; what only the database knows is not asked."""
    if is_composite(field) or field.read_only or value is None:
        return True
    try:
        if is_stock(field, "to_internal_value"):
            value = field.to_internal_value(value)
        for validator in field.validators:
            if isinstance(validator, _STOCK_VALIDATORS):
                validator(value)
    except NotImplementedError:
        return True
    except (exceptions.ValidationError, ValidationError, TypeError, ValueError):
        return False
    return True


def _get_shown(field: Any, *, number: int) -> Any:
    """Return what a field shows of the value that it was given."""
    if isinstance(field, serializers.ListSerializer):
        return [get_representation(field.child, number=number)]
    if isinstance(field, serializers.Serializer):
        return get_representation(field, number=number)
    value = get_value(field, number=number)
    if not is_stock(field, "to_internal_value", "to_representation"):
        return value
    if is_composite(field) or isinstance(field, serializers.FileField):
        return value
    try:
        shown = field.to_representation(field.to_internal_value(value))
    except Exception:  # what cannot be converted is shown as it is
        return value
    return shown if isinstance(shown, str | int | float | list | dict) else value


def _get_fields(serializer: Any) -> list[Any]:
    """Return the fields of a serializer; none of one that has no such thing."""
    return list(getattr(serializer, "fields", {}).values())


def _is_shallow(field: Any) -> bool:
    """Whether the field is not so deep that its serializer must contain itself."""
    depth = 0
    while field.parent is not None:
        field, depth = field.parent, depth + 1
    return depth <= _MAX_DEPTH


@singledispatch
def get_candidates(field: Any, number: int) -> Iterator[Any]:
    """Yield values that the field may accept; `number` tells elements apart."""
    yield f"Example {number}"
    yield number


@get_candidates.register
def _(field: serializers.CharField, number: int) -> Iterator[Any]:
    default = getattr(field, "default", empty)
    if isinstance(default, str) and default:
        yield default
    texts = [f"Example {number}", f"example-{number}", f"E{number}", f"EX{number}"]
    shortest = field.min_length or 0
    yield from (text.ljust(shortest, "x") for text in texts)
    yield str(number)
    for validator in field.validators:
        if isinstance(validator, validators.RegexValidator):
            regex: Any = validator.regex  # compiled by the validator
            match = get_match(regex.pattern)
            if match is not None:
                yield match


@get_candidates.register
def _(field: serializers.EmailField, number: int) -> Iterator[Any]:
    yield f"user{number}@example.org"
    yield f"u{number}@e.org"


@get_candidates.register
def _(field: serializers.SlugField, number: int) -> Iterator[Any]:
    yield f"example-{number}"
    yield f"e{number}"
    yield str(number)


@get_candidates.register
def _(field: serializers.URLField, number: int) -> Iterator[Any]:
    yield f"https://example.org/{number}"


@get_candidates.register
def _(field: serializers.UUIDField, number: int) -> Iterator[Any]:
    value = uuid.UUID(int=number, version=4)
    yield value.int if field.uuid_format == "int" else field.to_representation(value)


@get_candidates.register
def _(field: serializers.IPAddressField, number: int) -> Iterator[Any]:
    yield f"2001:db8::{number}" if field.protocol == "ipv6" else f"192.0.2.{number}"


@get_candidates.register
def _(field: serializers.BooleanField, number: int) -> Iterator[Any]:
    default = getattr(field, "default", empty)
    yield default if isinstance(default, bool) else True


@get_candidates.register
def _(field: serializers.IntegerField, number: int) -> Iterator[Any]:
    for value in get_numbers(field, number):
        yield int(value)


@get_candidates.register
def _(field: serializers.FloatField, number: int) -> Iterator[Any]:
    for value in get_numbers(field, number):
        yield float(value)


@get_candidates.register
def _(field: serializers.DecimalField, number: int) -> Iterator[Any]:
    places = field.decimal_places or 0
    step = decimal.Decimal(1).scaleb(-places)
    for value in [*get_numbers(field, number), step * number]:
        shown = format(decimal.Decimal(value).quantize(step), "f")
        coerced = getattr(
            field, "coerce_to_string", api_settings.COERCE_DECIMAL_TO_STRING
        )
        yield shown if coerced else float(shown)


@get_candidates.register
def _(field: serializers.DateTimeField, number: int) -> Iterator[Any]:
    value = datetime.datetime(2026, 1, 1 + number % 28, 12, tzinfo=datetime.UTC)
    yield _get_formatted(field, value, "DATETIME", value.strftime("%Y-%m-%dT%H:%M:%SZ"))


@get_candidates.register
def _(field: serializers.DateField, number: int) -> Iterator[Any]:
    value = datetime.date(2026, 1, 1 + number % 28)
    yield _get_formatted(field, value, "DATE", value.isoformat())


@get_candidates.register
def _(field: serializers.TimeField, number: int) -> Iterator[Any]:
    value = datetime.time(number % 24, 30)
    yield _get_formatted(field, value, "TIME", value.isoformat())


def _get_formatted(field: Any, value: Any, kind: str, iso: str) -> str:
    """Return a moment as the field reads it."""
    formats = getattr(
        field, "input_formats", getattr(api_settings, f"{kind}_INPUT_FORMATS")
    )
    if not formats or "iso-8601" in [each.lower() for each in formats]:
        return iso
    shown: str = value.strftime(formats[0])
    return shown


@get_candidates.register
def _(field: serializers.DurationField, number: int) -> Iterator[Any]:
    yield f"{number:02d}:00:00"
    for limit in (field.min_value, field.max_value):
        if limit is not None:
            yield field.to_representation(limit)


@get_candidates.register
def _(field: serializers.ChoiceField, number: int) -> Iterator[Any]:
    default = getattr(field, "default", empty)
    if isinstance(default, str | int) and default in field.choices:
        yield default
    yield from field.choices


@get_candidates.register
def _(field: serializers.MultipleChoiceField, number: int) -> Iterator[Any]:
    yield list(field.choices)[:1]


@get_candidates.register
def _(field: serializers.FileField, number: int) -> Iterator[Any]:
    yield f"https://example.org/example-{number}.txt"


@get_candidates.register
def _(field: serializers.ListField, number: int) -> Iterator[Any]:
    count = max(field.min_length or 0, 1)
    yield [get_value(field.child, number=number + n) for n in range(count)]


@get_candidates.register
def _(field: serializers.DictField, number: int) -> Iterator[Any]:
    yield {"key": get_value(field.child, number=number)}


@get_candidates.register
def _(field: serializers.JSONField, number: int) -> Iterator[Any]:
    yield {"key": f"value {number}"}


@get_candidates.register(serializers.Serializer)
def _(field: Any, number: int) -> Iterator[Any]:
    yield get_example(field, number=number)


@get_candidates.register(serializers.ListSerializer)
def _(field: Any, number: int) -> Iterator[Any]:
    yield [get_example(field.child, number=number)]


# Relations: by the type of what they point to.


@get_candidates.register(serializers.PrimaryKeyRelatedField)
def _(field: Any, number: int) -> Iterator[Any]:
    if _may_be_null(field):
        yield None
    elif field.pk_field is not None:
        yield get_value(field.pk_field, number=number)
    else:
        yield get_model_value(columns.get_related_model(field), "pk", number=number)


@get_candidates.register(serializers.SlugRelatedField)
def _(field: Any, number: int) -> Iterator[Any]:
    if _may_be_null(field):
        yield None
    else:
        name = field.slug_field or "pk"
        yield get_model_value(columns.get_related_model(field), name, number=number)


@get_candidates.register(serializers.HyperlinkedRelatedField)
def _(field: Any, number: int) -> Iterator[Any]:
    if _may_be_null(field):
        yield None
        return
    key = get_model_value(
        columns.get_related_model(field), field.lookup_field, number=number
    )
    try:
        yield reverse(field.view_name, kwargs={field.lookup_url_kwarg: key})
    except NoReverseMatch:
        yield f"/{key}/"


@get_candidates.register
def _(field: serializers.ManyRelatedField, number: int) -> Iterator[Any]:
    if field.allow_empty and not field.read_only:
        yield []
    else:
        yield [get_value(field.child_relation, number=number)]


def _may_be_null(field: Any) -> bool:
    """Whether a relation can be left alone, so that no row needs to be there."""
    return bool(field.allow_null and not field.required and not field.read_only)


# Fields that only show: by what is known of the value.


@get_candidates.register
def _(field: serializers.ReadOnlyField, number: int) -> Iterator[Any]:
    column = columns.get_column(field)
    if column is not None:
        yield get_value(columns.get_column_field(column), number=number)
        return
    yield get_value(
        columns.get_annotated_field(columns.get_property(field)), number=number
    )


@get_candidates.register
def _(field: serializers.SerializerMethodField, number: int) -> Iterator[Any]:
    method = getattr(field.parent, field.method_name or "", None)
    yield get_value(columns.get_annotated_field(method), number=number)


@get_candidates.register
def _(field: serializers.ModelField, number: int) -> Iterator[Any]:
    yield f"Example {number}"
    yield number
