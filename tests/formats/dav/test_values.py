from __future__ import annotations

import datetime
import decimal
import sys
import uuid
from enum import Enum

import pytest
from django.db import models
from django.utils.functional import lazystr
from django.utils.safestring import mark_safe
from hypothesis import given

from multistatus_app.formats import plain
from multistatus_app.formats.dav import names, reading
from multistatus_app.formats.dav.names import EscapedNames
from multistatus_app.formats.dav.values import write_value
from tests import outcomes_strategies as strategies
from tests.formats.dav.writing import NAMESPACES, get_data, get_response, success, write
from tests.xml import XSI, F, M, validate
from tests.xml import parse as parse_safely


class Colour(models.TextChoices):
    RED = "r", "Red"


class Plain(str, Enum):  # noqa: UP042 - what projects have
    RED = "r"


class Level(models.IntegerChoices):
    LOW = 1, "Low"


class Broken:
    def __str__(self):
        raise RuntimeError

    def __getitem__(self, key):
        raise RuntimeError


class Endless:
    def tolist(self):
        return self

    def __str__(self):
        return "endless"


class TestValues:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            ("a & b", "a & b"),
            ("", None),
            ("  a\n", "  a\n"),
            (True, "true"),
            (False, "false"),
            (0, "0"),
            (-(10**30), "-1" + "0" * 30),
            (1.5, "1.5"),
            (1e300, "1e+300"),
            (float("nan"), "NaN"),
            (float("-inf"), "-Infinity"),
            (datetime.date(2025, 1, 2), "2025-01-02"),
            (
                datetime.datetime(2025, 1, 2, 3, 4, 5, tzinfo=datetime.UTC),
                "2025-01-02T03:04:05Z",
            ),
            (datetime.time(3, 4), "03:04:00"),
            (datetime.timedelta(minutes=1), "60.0"),
            (decimal.Decimal("1.10"), "1.1"),
            (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
            (lazystr("lazy"), "lazy"),
            (mark_safe("<safe>"), "<safe>"),
            (b"bytes", "bytes"),
            (b"\xff", "b'\\xff'"),
            (Colour.RED, "r"),
            (Plain.RED, "r"),
            (Level.LOW, "1"),
            (1j, "1j"),
            (Broken(), "<Broken>"),
            (Endless(), "endless"),
        ],
    )
    def test_scalar(self, value, text):
        element = get_data({"value": value})[0]

        assert element.tag == f"{F}value"
        assert element.text == text
        assert element.attrib == {}

    def test_time_with_zone_that_json_has_not(self):
        value = datetime.time(3, 4, tzinfo=datetime.UTC)

        assert get_data([value])[0].text == "03:04:00+00:00"

    def test_more_digits_than_python_prints(self):
        value = 16 ** (sys.get_int_max_str_digits() + 1)

        assert get_data([value])[0].text == hex(value)

    def test_null(self):
        data = get_data({"a": None, "b": [None]})

        assert data[0].attrib == {f"{XSI}nil": "true"}
        assert data[1][0].attrib == {f"{XSI}nil": "true"}

    def test_data_null(self):
        data = get_data(None)

        assert data.attrib == {f"{XSI}nil": "true"}
        assert (len(data), data.text) == (0, None)

    def test_no_data(self):
        content = write(success(status=204))

        assert get_response(content).find(f"{M}data") is None

    def test_namespace_of_nil_only_where_used(self):
        assert b"XMLSchema-instance" not in write(success(data={"a": 1}))
        assert b"XMLSchema-instance" in write(success(data={"a": None}))

    def test_empty(self):
        data = get_data({"a": [], "b": {}, "c": "", "d": ()})

        assert [each.get(f"{M}type") for each in data] == [
            "list",
            "object",
            None,
            "list",
        ]

    def test_data_empty(self):
        assert get_data([]).attrib == {f"{M}type": "list"}
        assert get_data({}).attrib == {f"{M}type": "object"}

    def test_containers(self):
        data = get_data({"tags": [1, [2], {"a": 3}], "size": {"height": 4}})

        assert [each.tag for each in data.iter()] == [
            f"{M}data",
            f"{F}tags",
            f"{M}item",
            f"{M}item",
            f"{M}item",
            f"{M}item",
            f"{F}a",
            f"{F}size",
            f"{F}height",
        ]

    def test_keys_that_are_no_text(self):
        data = get_data({True: "a", None: "b", (1, 2): "c", 0.5: "d", Plain.RED: 1})

        found = [names.unescape_name(each.tag.removeprefix(F)) for each in data]
        assert found == ["true", "null", "[1, 2]", "0.5", "r"]

    def test_generator_and_broken_generator(self):
        def generate(count):
            yield from range(count)
            raise RuntimeError

        assert [each.text for each in get_data(iter((1, 2)))] == ["1", "2"]
        assert get_data([generate(2)])[0].text.startswith("<generator object")

    def test_depth(self):
        value = "leaf"
        for _ in range(100_000):
            value = [value]

        content = write(success(data=value))

        assert content.count(b"<m:item>") == plain.MAX_DATA_DEPTH
        assert plain.TOO_DEEP in content.decode()
        validate(content)

    def test_data_inside_itself(self):
        loop = {"name": "loop"}
        loop["children"] = [loop, loop]

        data = get_data(loop)

        assert [each.text for each in data[1]] == [plain.TOO_DEEP] * 2

    def test_same_data_twice_is_no_loop(self):
        shared = {"a": 1}

        assert [each[0].text for each in get_data([shared, shared])] == ["1", "1"]

    @given(strategies.data)
    def test_reads_back(self, value):
        text = write_value("m:data", value, EscapedNames())
        root = parse_safely(
            f'<a {NAMESPACES} xmlns:xsi="{XSI[1:-1]}">{text}</a>'.encode()
        )

        assert reading.read_value(root[0]) == strategies.to_texts(value)
