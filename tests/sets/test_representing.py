"""What is shown of odd values is what DRF shows of them."""

from __future__ import annotations

import copy
import datetime
import uuid
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import models
from django.test import override_settings
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from rest_framework import fields, relations

from multistatus_app.sets import representing
from tests.sets.showing import NOW, assert_same, make
from tests.shop import models as shop

UUID = uuid.UUID("12345678-1234-5678-1234-567812345678")


class Text(str):
    """A text that is not quite one."""


class Colour(models.TextChoices):
    """A value that hooks may set."""

    RED = "red"


class Amount(int):
    """A number that is shown in its own way."""

    def __str__(self) -> str:
        return "amount"


def compute() -> str:
    """Return what a callable attribute returns."""
    return "computed"


ODD: list[Any] = [
    *(None, True, False, 0, 1, -5, 10**400, 0.0, 1.5, float("nan"), float("inf")),
    *("", " ", "a", "1", "1.5", "19.99", "yes", "\ud800", "2020-01-01", "red"),
    *(Text("a"), Text(""), Colour.RED, Amount(5), b"abc", b"", [], [1], {}, {"a": 1}),
    *((1, 2), {1}, [None], {"a": None}, [Decimal("1.0")], ["red", "red", 2]),
    *(Decimal("1"), Decimal("1.00"), Decimal("1.005"), Decimal("-0.00")),
    *(Decimal("999999.99"), Decimal("1000000.00"), Decimal("1E+3"), Decimal("NaN")),
    *(UUID, NOW, NOW.replace(tzinfo=None), NOW.date(), NOW.time()),
    *(NOW.astimezone(datetime.timezone(datetime.timedelta(hours=2))),),
    *(datetime.timedelta(1, 2, 3), timezone, compute, len, object, lambda: 1 / 0),
    *(SimpleNamespace(pk=7), SimpleNamespace(pk=None), lambda one: one),
]

FIELDS: dict[str, Any] = {
    "boolean": fields.BooleanField(),
    "boolean null": fields.BooleanField(allow_null=True),
    "char": fields.CharField(),
    "choice": fields.ChoiceField(choices=["red", 2]),
    "choices": fields.MultipleChoiceField(choices=["red", 2]),
    "date": fields.DateField(),
    "date format": fields.DateField(format="%d/%m/%Y"),
    "datetime": fields.DateTimeField(),
    "datetime raw": fields.DateTimeField(format=None),
    "datetime zone": fields.DateTimeField(
        default_timezone=datetime.timezone(datetime.timedelta(hours=5))
    ),
    "decimal": fields.DecimalField(max_digits=8, decimal_places=2),
    "decimal number": fields.DecimalField(
        max_digits=8, decimal_places=2, coerce_to_string=False
    ),
    "decimal normal": fields.DecimalField(
        max_digits=8, decimal_places=2, normalize_output=True
    ),
    "decimal localized": fields.DecimalField(
        max_digits=8, decimal_places=2, localize=True
    ),
    "decimal unlimited": fields.DecimalField(max_digits=None, decimal_places=None),
    "decimal whole": fields.DecimalField(max_digits=8, decimal_places=0),
    "dict": fields.DictField(child=fields.CharField()),
    "duration": fields.DurationField(),
    "email": fields.EmailField(),
    "float": fields.FloatField(),
    "integer": fields.IntegerField(),
    "ip": fields.IPAddressField(),
    "json": fields.JSONField(),
    "json binary": fields.JSONField(binary=True),
    "list": fields.ListField(child=fields.IntegerField()),
    "not required": fields.CharField(required=False),
    "default": fields.CharField(default="a"),
    "pk": relations.PrimaryKeyRelatedField(read_only=True),
    "pk field": relations.PrimaryKeyRelatedField(
        read_only=True, pk_field=fields.CharField()
    ),
    "read only": fields.ReadOnlyField(),
    "regex": fields.RegexField(regex="a"),
    "slug": fields.SlugField(),
    "time": fields.TimeField(),
    "url": fields.URLField(),
    "uuid": fields.UUIDField(),
    "uuid hex": fields.UUIDField(format="hex"),
}


def get_source(field: Any) -> str:
    """Return a column that a field can be read from."""
    return "category_id" if isinstance(field, relations.RelatedField) else "name"


SERIALIZERS = {
    name: make(
        shop.Product,
        ["thing"],
        thing=type(field)(**copy.deepcopy(field._kwargs), source=get_source(field)),
    )
    for name, field in FIELDS.items()
}


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("value", ODD, ids=lambda value: str(type(value).__name__))
def test_odd_values(name: str, value: Any) -> None:
    instance = shop.Product()
    setattr(instance, get_source(FIELDS[name]), value)

    assert_same(SERIALIZERS[name](), instance)


@given(
    value=st.none()
    | st.text(st.characters())
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.datetimes(timezones=st.none() | st.timezones())
    | st.dates()
    | st.uuids()
)
def test_any_value(value: Any) -> None:
    for name, cls in SERIALIZERS.items():
        instance = shop.Product()
        setattr(instance, get_source(FIELDS[name]), value)

        assert_same(cls(), instance)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_time_zones(zone: str) -> None:
    with timezone.override(zone):
        found = assert_same(SERIALIZERS["datetime"](), shop.Product(name=NOW))

    assert found["thing"].startswith("2020-01-01T1")


@override_settings(USE_TZ=False)
def test_without_time_zones() -> None:
    assert_same(SERIALIZERS["datetime"](), shop.Product(name=NOW))


def trust(field: Any, model: Any) -> Any:
    """Show what an instance has."""
    return lambda instance, state: state[field.source]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("decimal", Decimal("1")),
        ("char", 5),
        ("boolean", "yes"),
        ("float", 1),
        ("uuid", UUID),
        ("datetime", NOW),
        ("json binary", {}),
    ],
)
def test_planted(monkeypatch: pytest.MonkeyPatch, name: str, value: Any) -> None:
    monkeypatch.setattr(representing, "compose_show", trust)

    with pytest.raises(AssertionError):
        assert_same(SERIALIZERS[name](), shop.Product(name=value))
