"""What is accepted is what DRF returns, value and type; what it refuses is a doubt."""

from __future__ import annotations

import decimal
import json
from typing import Any

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st
from rest_framework import fields, serializers
from rest_framework.validators import UniqueValidator

from multistatus_app.sets.accepting import DOUBT, compose
from multistatus_app.sets.uniques import KnownUniqueValidator
from tests.sets.accepted_fields import FIELDS
from tests.sets.comparing import (
    Refusing,
    Text,
    ask,
    find_differences,
    get_datas,
    is_same,
    make_serializer,
    refuse_odd,
)
from tests.shop.models import Category


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"allow_null": True},
        {"required": False},
        {"default": None},
        {"default": "7", "allow_null": True},
        {"source": "other", "default": dict},
        {"write_only": True},
    ],
    ids=str,
)
@pytest.mark.parametrize("partial", [False, True])
def test_zoo(name: str, options: dict[str, Any], partial: bool) -> None:
    make, ordinary = FIELDS[name]
    serializer = make_serializer(make(**options))

    wrong, accepted = find_differences(serializer, get_datas(), partial=partial)

    assert wrong == []
    for value in ordinary:
        assert any(each == {"thing": value} for each in accepted), value
    assert ({} in accepted) == (partial or not serializer.fields["thing"].required)
    if options.get("allow_null"):
        assert {"thing": None} in accepted


TEXTS = st.text(st.characters(), max_size=12) | st.from_regex(
    r"\A\s?[-+]?[0-9_]{0,9}\.?[0-9]{0,4}([eE]-?[0-9]{1,3})?\s?\Z"
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(value=VALUES)
def test_any_value(value: Any) -> None:
    for serializer in ANY:
        wrong, _ = find_differences(serializer, [{"thing": value}])

        assert wrong == [], serializer.fields["thing"]


ANY = [
    make_serializer(make(**options))
    for make, _ in FIELDS.values()
    for options in ({}, {"allow_null": True})
]


@pytest.mark.parametrize("name", FIELDS)
def test_unique_values_of_any_field(name: str) -> None:
    make, ordinary = FIELDS[name]
    serializer, oracle = make_serializer(make()), make_serializer(make())
    stock = UniqueValidator(Category.objects.all())
    known: Any = Refusing()
    serializer.fields["thing"].validators.append(KnownUniqueValidator(stock, known))
    accept = compose(serializer, partial=False)

    for value in ordinary:
        expected = ask(oracle, {"thing": value}, None, partial=False)["thing"]
        if expected == "":
            continue  # what is blank is not validated
        known.asked.clear()
        assert accept({"thing": value}, None) is DOUBT
        assert is_same(known.asked, [expected])


@pytest.mark.parametrize("name", FIELDS)
def test_other_validators_of_any_field(name: str) -> None:
    make, ordinary = FIELDS[name]
    serializer = make_serializer(make(allow_null=True))
    serializer.fields["thing"].validators.append(refuse_odd)
    accept = compose(serializer, partial=True)

    assert accept({}, None) == {}
    assert accept({"thing": None}, None) == {"thing": None}
    for value in ordinary:
        assert accept({"thing": value}, None) is DOUBT


@pytest.mark.parametrize("name", ["callable limit", "custom validator"])
def test_doubts_what_runs_other_code(name: str) -> None:
    make, _ = FIELDS[name]
    accept = compose(make_serializer(make()), partial=False)

    assert accept({"thing": "a"}, None) is DOUBT


class OwnEncoder(json.JSONEncoder):
    """Encodes in its own way."""


@pytest.mark.parametrize(
    ("encoder", "found"), [(DjangoJSONEncoder, {"thing": [1]}), (OwnEncoder, DOUBT)]
)
def test_encoders(encoder: Any, found: Any) -> None:
    serializer = make_serializer(fields.JSONField(encoder=encoder))

    assert compose(serializer, partial=False)({"thing": [1]}, None) == found


def test_custom_value_sets() -> None:
    serializer = make_serializer(fields.BooleanField())
    serializer.fields["thing"].TRUE_VALUES = {False, "a"}
    wrong, accepted = find_differences(serializer, get_datas())

    assert wrong == []
    assert {"thing": "a"} in accepted


@pytest.mark.parametrize("data", [None, [], "a", 1, fields.empty, Text("a")])
def test_data_of_another_type(data: Any) -> None:
    assert (
        compose(make_serializer(fields.CharField()), partial=True)(data, None) is DOUBT
    )


def test_dict_of_another_type() -> None:
    data = type("Data", (dict,), {})(thing="a")

    assert (
        compose(make_serializer(fields.CharField()), partial=True)(data, None) is DOUBT
    )


class OwnField(fields.CharField):
    """Converts in its own way."""

    def to_internal_value(self, data: Any) -> Any:
        return "own"


class Nested(serializers.Serializer[Any]):
    """Holds one field."""

    name = fields.CharField()


def patched() -> Any:
    field = fields.CharField()
    field.to_internal_value = lambda data: "own"  # type: ignore[method-assign]
    return field


@pytest.mark.parametrize(
    ("field", "members"),
    [
        (OwnField, {}),
        (Nested, {}),
        (lambda: Nested(many=True), {}),
        (lambda: fields.CharField(source="a.b"), {}),
        (lambda: fields.DictField(source="*"), {}),
        (fields.CharField, {"validate": lambda self, attrs: attrs}),
        (fields.CharField, {"validate_thing": lambda self, value: value}),
        (fields.CharField, {"run_validation": lambda self, data: data}),
        (fields.CharField, {"run_validators": lambda self, value: None}),
        (fields.CharField, {"to_internal_value": lambda self, data: data}),
        (fields.CharField, {"_read_only_defaults": lambda self: {}}),
        (fields.CharField, {"_writable_fields": property(lambda self: [])}),
        (fields.CharField, {"fields": property(lambda self: {})}),
        (fields.CharField, {"get_validators": lambda self: []}),
        (fields.CharField, {"validators": []}),
        (fields.CharField, {"__getattr__": lambda self, name: None}),
        (fields.CharField, {"Meta": type("Meta", (), {"validators": [refuse_odd]})}),
    ],
)
def test_fail_not_stock(field: Any, members: dict[str, Any]) -> None:
    assert compose(make_serializer(field(), **members), partial=False) is None


def test_fail_patched_field() -> None:
    serializer = make_serializer(fields.CharField())
    serializer.fields["thing"].to_internal_value = lambda data: "own"

    assert compose(serializer, partial=False) is None


def test_fail_patched_class(monkeypatch: pytest.MonkeyPatch) -> None:
    serializer = make_serializer(fields.CharField())
    assert compose(serializer, partial=False) is not None
    monkeypatch.setattr(fields.CharField, "to_internal_value", lambda self, data: "own")

    assert compose(serializer, partial=False) is None


def test_fail_shadowed_serializer() -> None:
    serializer = make_serializer(fields.CharField())
    serializer.validate = lambda attrs: {}

    assert compose(serializer, partial=False) is None


def test_fail_below_another() -> None:
    parent = make_serializer(Nested())

    assert compose(parent.fields["thing"], partial=False) is None
    assert compose(Nested(), partial=False) is not None
    assert compose(Nested(many=True).child, partial=False) is None
    assert compose(Nested(read_only=True), partial=False) is None


def test_order_and_sources() -> None:
    serializer = make_serializer(
        fields.CharField(source="b"),
        first=fields.IntegerField(),
        shown=fields.ReadOnlyField(),
        again=fields.CharField(source="b_", required=False),
    )
    data = {"again": "x", "shown": "y", "first": 1, "thing": " z "}

    found = compose(serializer, partial=False)(data, None)

    assert list(found.items()) == [("b", "z"), ("first", 1), ("b_", "x")]
    assert is_same(found, ask(serializer, data, None, partial=False))


@override_settings(USE_TZ=False)
def test_without_time_zones() -> None:
    serializer = make_serializer(fields.DateTimeField())
    wrong, accepted = find_differences(serializer, get_datas())

    assert wrong == []
    assert {"thing": "2020-01-01 00:00"} in accepted


def test_decimal_contexts() -> None:
    make, _ = FIELDS["decimal"]
    serializer = make_serializer(make())
    for context in (decimal.Context(prec=3), decimal.ExtendedContext):
        with decimal.localcontext(context):
            wrong, accepted = find_differences(serializer, get_datas())

            assert wrong == []
            assert {"thing": "19.99"} in accepted
