"""Compares what is accepted with what DRF returns, value and type."""

from __future__ import annotations

import datetime
import math
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from django.db.models import Model
from rest_framework import fields, serializers

from multistatus_app.sets.accepting import DOUBT, compose

ABSENT = object()
REFUSED = object()


class Text(str):
    """A text that is not quite one."""


ZOO: list[Any] = [
    *(None, True, False, 0, 1, -1, 5, 7, 255, 256, 10**18, -(10**18), 10**19),
    *(10**400, 10**5000, 0.0, 1.0, 1.5, -1.5, 1e16, 1e300, 19.99, 0.1 + 0.2),
    *(math.nan, math.inf, -math.inf),
    *("", " ", "\t\n", "a", " a ", "abc", "ABC", "abcdefghijk", "a\x00b", "\x00"),
    *("\ud800", "a\udfffb", "é", "😀", "\u2003x\u2003", "١٢", "x" * 2000, "0" * 1500),
    *("0" * 2000 + "1.00", "9" * 5000, "1" * 1000, "1" * 1001),
    *("true", "True", "yes", "no", "off", "null", "t", "1", "0", "01", "-1", "+1"),
    *("5", "7", "  abc  "),
    *("1.0", "1.00", "1.", ".5", "1.5", "-0.00", "0.00", "00.10", "1.990", "19.99"),
    *("999999.99", "1000000.00", "12345678.90", "0.001", "1e5", "1E-2", "1e400"),
    *("1_0", "1 0", " 1.00 ", "NaN", "sNaN", "Infinity", "-inf", "1,5", "1.0\n"),
    *("2020-01-01", "2020-1-1", "20200101", "2020-13-01", "2020-W01-1", "01/02/2020"),
    *("2020-01-01T00:00:00Z", "2020-01-01 00:00", "2020-01-01T00:00:00+25:00"),
    *("2020-01-01T12:30:15.123456+02:00", "0001-01-01T00:00:00+14:00"),
    *("2020-03-29T02:30:00", "12:30", "12:30:61", "24:00", "1 00:00:01", "P1DT1S"),
    *("99999999999 00:00:00", "not a date"),
    *("12345678-1234-5678-1234-567812345678", "12345678123456781234567812345678"),
    *("urn:uuid:12345678-1234-5678-1234-567812345678", "g" * 32),
    *("a@example.com", "a@", "http://example.com/", "javascript:1", "a-slug_1", "a b"),
    *("127.0.0.1", "127.0.0.256", "::1", "::ffff:1.2.3.4", "1:2", "2001:DB8::1"),
    *("red", "green", "2", 2, ["red"], ["red", "red", "green"], ["blue"], "blue"),
    *([], {}, [1], ["1"], [None], [True], [[]], [[[[[1]]]]], [1, "a", None], ["a", 1]),
    *(
        {"a": 1},
        {"a": "1"},
        {1: 2},
        {"a": {"b": [1, 2.5, None, True]}},
        {"a": math.nan},
    ),
    *({"a": 10**5000}, {"a": {1, 2}}, {("a",): 1}, [math.inf], {"a": "\ud800"}),
    *({None: 1}, {"a": None}, [""], [" "], {"a": ""}, {"": "a"}),
    *(Text("abc"), Text(""), Text("1"), b"abc", b"1", b"\xff", (1, 2), {1}),
    *(Decimal("1.00"), Decimal("NaN"), uuid.UUID(int=1), 1j, object(), type, len),
    *(datetime.date(2020, 1, 1), datetime.datetime(2020, 1, 1), datetime.time(1)),
    *(datetime.timedelta(1), range(3), fields.empty),
]

Make = Callable[..., Any]


def refuse_odd(value: Any) -> None:
    """Refuse, as a project's own validator would."""
    raise serializers.ValidationError("Odd.")


def make_serializer(field: Any, **more: Any) -> Any:
    """Return a serializer of one field."""
    cls = type("Things", (serializers.Serializer,), {"thing": field, **more})
    return cls()


def ask(serializer: Any, data: Any, instance: Any, *, partial: bool) -> Any:
    """Return what DRF validates the data to, or REFUSED."""
    serializer.instance, serializer.partial = instance, partial
    try:
        return serializer.run_validation(data)
    except Exception:  # whatever the answer is, it is none
        return REFUSED


def is_same(one: Any, other: Any) -> bool:
    """Whether two values are equal and of the same types, all the way down."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(
            is_same(one[key], other[key]) and type(key) is type(found)
            for key, found in zip(one, other, strict=True)
        )
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(is_same, one, other))
    if isinstance(one, Model):
        return bool(one.pk == other.pk)
    return repr(one) == repr(other)


def find_differences(
    serializer: Any,
    datas: Any,
    instance: Any = None,
    *,
    partial: bool = False,
    oracle: Any = None,
) -> tuple[list[Any], list[Any]]:
    """Return the data that was accepted wrongly, and all that was accepted.

    The oracle is DRF's serializer that knows nothing of the batch.
    """
    accept = compose(serializer, partial=partial)
    assert accept is not None
    wrong, accepted = [], []
    for data in datas:
        found = accept(data, instance)
        if found is DOUBT:
            continue
        accepted.append(data)
        expected = ask(oracle or serializer, data, instance, partial=partial)
        if not is_same(found, expected):
            wrong.append(data)
    return wrong, accepted


def get_datas() -> Iterator[dict[str, Any]]:
    yield {}
    for value in ZOO:
        yield {"thing": value}


class Refusing:
    """Knows nothing of any value."""

    def __init__(self) -> None:
        """Note what is asked."""
        self.asked: list[Any] = []

    def is_free(self, value: Any, instance: Any) -> bool:
        """Doubt."""
        self.asked.append(value)
        return False
