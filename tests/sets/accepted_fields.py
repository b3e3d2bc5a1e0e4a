"""Fields of every kind, and the values that they must accept."""

from __future__ import annotations

import copy
import datetime
import decimal
from decimal import Decimal
from typing import Any

from django.core import validators as django_validators
from rest_framework import fields

from tests.sets.comparing import Make, refuse_odd


def limited(cls: Any, **options: Any) -> Make:
    return lambda **more: cls(**copy.deepcopy(options), **more)


# Name, how to make the field, and values that must be accepted, not doubted.
FIELDS: dict[str, tuple[Make, list[Any]]] = {
    "boolean": (limited(fields.BooleanField), [True, False, "yes", 1, 0.0]),
    "char": (limited(fields.CharField), ["a", " a ", "é", 5, 1.5]),
    "char untrimmed": (limited(fields.CharField, trim_whitespace=False), [" a ", " "]),
    "char blank": (limited(fields.CharField, allow_blank=True), ["", " ", "a"]),
    "char untrimmed blank": (
        limited(fields.CharField, trim_whitespace=False, allow_blank=True),
        ["", " "],
    ),
    "char limited": (
        limited(fields.CharField, min_length=2, max_length=3),
        ["abc", "  abc  ", 255],
    ),
    "char regex": (
        limited(
            fields.CharField,
            validators=[django_validators.RegexValidator("^a"), *()],
        ),
        ["abc"],
    ),
    "email": (limited(fields.EmailField), ["a@example.com"]),
    "url": (limited(fields.URLField), ["http://example.com/"]),
    "slug": (limited(fields.SlugField, max_length=8), ["a-slug_1", 5]),
    "slug unicode": (limited(fields.SlugField, allow_unicode=True), ["é"]),
    "regex": (limited(fields.RegexField, regex="^[a-c]+$"), ["abc"]),
    "ip": (limited(fields.IPAddressField), ["127.0.0.1", "::1", "::ffff:1.2.3.4"]),
    "ipv6": (limited(fields.IPAddressField, protocol="IPv6"), ["::1"]),
    "integer": (limited(fields.IntegerField), [5, "5", 1.0, "1.0", 10**19]),
    "integer limited": (
        limited(fields.IntegerField, min_value=0, max_value=255),
        [0, 255, "7"],
    ),
    "integer limited by fractions": (
        limited(fields.IntegerField, min_value=0.5, max_value=Decimal("6.5")),
        [1, 5],
    ),
    "float": (limited(fields.FloatField), [1.5, 1, "1e5"]),
    "float limited": (limited(fields.FloatField, min_value=0, max_value=2), [1.5]),
    "decimal": (
        limited(fields.DecimalField, max_digits=8, decimal_places=2),
        ["19.99", "1", 1.5, 5, " 1.00 ", "-0.00", "999999.99"],
    ),
    "decimal limited": (
        limited(
            fields.DecimalField,
            max_digits=8,
            decimal_places=2,
            min_value=0,
            max_value=Decimal("19.99"),
        ),
        ["19.99", "1.00"],
    ),
    "decimal fraction": (
        limited(fields.DecimalField, max_digits=2, decimal_places=2),
        ["0.00", ".5"],
    ),
    "decimal whole": (
        limited(fields.DecimalField, max_digits=3, decimal_places=0),
        [255, "1"],
    ),
    "decimal unlimited": (
        limited(fields.DecimalField, max_digits=None, decimal_places=None),
        ["19.99", "1e5"],
    ),
    "decimal places": (
        limited(
            fields.DecimalField,
            max_digits=None,
            decimal_places=2,
            rounding=decimal.ROUND_UP,
        ),
        ["19.99"],
    ),
    "decimal localized": (
        limited(fields.DecimalField, max_digits=8, decimal_places=2, localize=True),
        ["19.99"],
    ),
    "date": (limited(fields.DateField), ["2020-01-01", "2020-1-1"]),
    "date formats": (
        limited(fields.DateField, input_formats=["%d/%m/%Y", "iso-8601"]),
        ["01/02/2020", "2020-01-01"],
    ),
    "datetime": (limited(fields.DateTimeField), ["2020-01-01T00:00:00Z"]),
    "datetime naive": (
        limited(fields.DateTimeField, default_timezone=datetime.UTC),
        ["2020-01-01 00:00"],
    ),
    "time": (limited(fields.TimeField), ["12:30"]),
    "duration": (
        limited(fields.DurationField, max_value=datetime.timedelta(2)),
        ["1 00:00:01", 5],
    ),
    "uuid": (limited(fields.UUIDField), ["12345678-1234-5678-1234-567812345678", 5]),
    "choice": (
        limited(fields.ChoiceField, choices=["red", 2, True, None]),
        ["red", 2, "2"],
    ),
    "choice blank": (
        limited(fields.ChoiceField, choices=["red"], allow_blank=True),
        ["", "red"],
    ),
    "choices": (
        limited(fields.MultipleChoiceField, choices=["red", "green", 2]),
        [["red", "red", "green"], []],
    ),
    "choices filled": (
        limited(fields.MultipleChoiceField, choices=["red"], allow_empty=False),
        [["red"]],
    ),
    "json": (
        limited(fields.JSONField),
        [{}, [], {"a": {"b": [1, 2.5, None, True]}}, "\ud800", 10**400, [[[[[1]]]]]],
    ),
    "json binary": (limited(fields.JSONField, binary=True), ["1", "null"]),
    "list": (limited(fields.ListField), [[1, "a", None]]),
    "list of integers": (
        limited(
            fields.ListField,
            child=fields.IntegerField(min_value=1),
            max_length=1,
            allow_empty=False,
        ),
        [[1], ["1"]],
    ),
    "list of lists": (
        limited(fields.ListField, child=fields.ListField(child=fields.CharField())),
        [[]],
    ),
    "dict": (limited(fields.DictField, child=fields.CharField()), [{"a": "1"}, {}]),
    "hstore": (limited(fields.HStoreField), [{"a": None}]),
    "file": (limited(fields.FileField), []),
    "custom validator": (limited(fields.CharField, validators=[refuse_odd]), []),
    "callable limit": (
        limited(
            fields.CharField,
            validators=[django_validators.MaxLengthValidator(lambda: 2)],
        ),
        [],
    ),
    "list of validated": (
        limited(fields.ListField, child=fields.CharField(validators=[refuse_odd])),
        [],
    ),
}
