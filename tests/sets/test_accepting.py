"""What is accepted is what DRF returns, value and type; what it refuses is a doubt."""

from __future__ import annotations

import copy
import datetime
import decimal
import json
import math
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import validators as django_validators
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.test import override_settings
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from rest_framework import fields, relations, serializers
from rest_framework.validators import UniqueTogetherValidator, UniqueValidator

from multistatus_app.sets import accepting
from multistatus_app.sets.accepting import DOUBT, compose
from multistatus_app.sets.lookups import RelatedRows
from multistatus_app.sets.uniques import (
    KnownUniqueTogetherValidator,
    KnownUniqueValidator,
)
from tests.factories import CategoryFactory, ProductFactory, TagFactory
from tests.parity.models import Place, Shelf
from tests.shop.models import Category, Product, Tag

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


class Refusing:
    """Knows nothing of any value."""

    def __init__(self) -> None:
        """Note what is asked."""
        self.asked: list[Any] = []

    def is_free(self, value: Any, instance: Any) -> bool:
        """Doubt."""
        self.asked.append(value)
        return False


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


def read_only(**options: Any) -> Any:
    return fields.CharField(read_only=True, **options)


@pytest.mark.parametrize(
    ("default", "is_known"),
    [
        ("a", True),
        (None, True),
        (list, True),
        (fields.CreateOnlyDefault("a"), True),
        (fields.CreateOnlyDefault(list), True),
        (fields.CreateOnlyDefault(fields.CurrentUserDefault()), True),
        (fields.CurrentUserDefault(), True),
        (fields.CreateOnlyDefault(lambda: "a"), False),
        (lambda: "a", False),
        (type("Own", (fields.CurrentUserDefault,), {})(), False),
    ],
)
@pytest.mark.parametrize("instance", [None, object()])
@pytest.mark.parametrize("partial", [False, True])
@pytest.mark.parametrize("kind", [fields.CharField, fields.HiddenField])
def test_defaults(
    default: Any, is_known: bool, instance: Any, partial: bool, kind: Any
) -> None:
    serializer = make_serializer(kind(default=default), other=fields.CharField())
    serializer._context = {"request": SimpleNamespace(user="somebody")}
    datas = [{"other": "b"}, {"thing": "c", "other": "b"}]

    wrong, accepted = find_differences(serializer, datas, instance, partial=partial)

    assert wrong == []
    update = instance is not None and type(default) is fields.CreateOnlyDefault
    assert (datas[0] in accepted) == (partial or is_known or update)
    assert datas[1] in accepted or kind is fields.HiddenField


def test_default_now() -> None:
    serializer = make_serializer(fields.HiddenField(default=timezone.now))
    accept = compose(serializer, partial=False)
    before = timezone.now()

    found = accept({}, None)

    assert before <= found["thing"] <= timezone.now()


def test_default_without_request() -> None:
    serializer = make_serializer(
        fields.HiddenField(default=fields.CurrentUserDefault())
    )

    assert compose(serializer, partial=False)({}, None) is DOUBT


def test_default_of_a_field_that_is_only_read() -> None:
    asked: list[str] = []
    serializer = make_serializer(read_only(default=lambda: asked.append("asked")))

    assert compose(serializer, partial=False)({}, None) is DOUBT
    assert compose(serializer, partial=True)({}, None) == {}
    assert asked == []


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


class FewRows(RelatedRows):
    """The rows of a model that are there, by one attribute."""

    def __init__(self, model: Any, name: str) -> None:
        """Fetch them all."""
        self._queryset = model.objects.all()
        self._name = name
        self._found = {getattr(each, name): each for each in self._queryset}

    def get(self, **lookup: Any) -> Any:
        """Ask the database."""
        return self._queryset.get(**lookup)

    def find(self, value: Any) -> Any:
        """Return a row."""
        return self._found.get(value)


class Asking:
    """Asks the database whether a value is free, as what a batch knows would tell."""

    columns = ()

    def __init__(self, queryset: Any, *names: str) -> None:
        """Take the columns."""
        self.queryset, self.names = queryset, names

    def is_free(self, value: Any, instance: Any) -> bool:
        """Ask."""
        values = value if len(self.names) > 1 else (value,)
        found = self.queryset.filter(**dict(zip(self.names, values, strict=True)))
        return not found.exclude(pk=instance and instance.pk).exists()

    def is_taken(self, value: Any, instance: Any) -> bool:
        """Do not tell: DRF asks itself."""
        return False


class ProductSerializer(serializers.ModelSerializer[Product]):
    """Unique, a foreign key, many to many, and one of another name."""

    label = serializers.CharField(source="name")

    class Meta:
        model = Product
        fields = [
            *("id", "sku", "label", "price", "stock"),
            *("category", "tags", "attributes"),
        ]


def make_product_serializer() -> Any:
    """Return a serializer as a batch has it."""
    serializer = ProductSerializer()
    serializer.fields["category"].queryset = FewRows(Category, "pk")
    serializer.fields["tags"].child_relation.queryset = FewRows(Tag, "pk")
    sku = serializer.fields["sku"]
    sku.validators = [
        KnownUniqueValidator(each, Asking(each.queryset, "sku"))  # type: ignore[arg-type]
        if type(each) is UniqueValidator
        else each
        for each in sku.validators
    ]
    return serializer


def get_products(category: Any, tag: Any) -> Iterator[dict[str, Any]]:
    """Yield data, each with one odd value."""
    plain = {
        "sku": "new",
        "label": "Name",
        "price": "1.00",
        "stock": 1,
        "category": category.pk,
        "tags": [tag.pk],
        "attributes": {},
    }
    yield {}
    yield plain
    yield plain | {"id": 5, "name": "x", "unknown": 1}
    for name in plain:
        yield {key: value for key, value in plain.items() if key != name}
        yield {name: plain[name]}
        keys = [True, category.pk, tag.pk, str(category.pk), 1.0 * category.pk, 10**9]
        lists = [[tag.pk] * 2, [str(tag.pk)], [True], [None], [""], (tag.pk,), "", "a"]
        for value in [
            *ZOO,
            *keys,
            *lists,
            "taken",
            " taken ",
            "taken\n",
            " new",
            "own",
        ]:
            yield plain | {name: value}
            yield {name: value}


@pytest.mark.django_db
@pytest.mark.parametrize("partial", [False, True])
@pytest.mark.parametrize("is_update", [False, True])
def test_products(partial: bool, is_update: bool) -> None:
    ProductFactory(sku="taken")
    instance = ProductFactory(sku="own") if is_update else None
    category, tag = CategoryFactory(), TagFactory()
    serializer = make_product_serializer()
    datas = list(get_products(category, tag))

    wrong, accepted = find_differences(
        serializer, datas, instance, partial=partial, oracle=ProductSerializer()
    )

    assert wrong == []
    assert datas[1] in accepted
    assert datas[2] in accepted
    assert (datas[0] in accepted) == partial
    assert any(each.get("sku") == " new" for each in accepted)
    assert any(each.get("sku") == "own" for each in accepted)
    assert any(each.get("tags") == [tag.pk] * 2 for each in accepted)
    assert any(each.get("tags") == [] for each in accepted)
    assert not any(each.get("sku") == "taken" for each in accepted)


@pytest.mark.django_db
def test_slugs() -> None:
    CategoryFactory(name="red")
    field = relations.SlugRelatedField(
        slug_field="name", queryset=Category.objects.all(), allow_null=True
    )
    serializer = make_serializer(field)
    rows = FewRows(Category, "name")
    serializer.fields["thing"].queryset = rows

    wrong, accepted = find_differences(serializer, get_datas())

    assert wrong == []
    assert sorted(map(str, accepted)) == [
        "{'thing': ''}",
        "{'thing': 'red'}",
        "{'thing': None}",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "make",
    [
        lambda: relations.PrimaryKeyRelatedField(queryset=Category.objects.all()),
        lambda: relations.PrimaryKeyRelatedField(
            queryset=FewRows(Category, "pk"), pk_field=fields.IntegerField()
        ),
        lambda: relations.PrimaryKeyRelatedField(
            queryset=FewRows(Category, "pk"), validators=[refuse_odd]
        ),
        lambda: relations.PrimaryKeyRelatedField(
            queryset=Category.objects.all(), many=True
        ),
        lambda: relations.HyperlinkedRelatedField(
            view_name="category-detail", queryset=Category.objects.all()
        ),
    ],
)
def test_doubts_other_relations(make: Make) -> None:
    category = CategoryFactory()
    accept = compose(make_serializer(make()), partial=True)

    assert accept({}, None) == {}
    for value in (category.pk, str(category.pk), [category.pk], []):
        assert accept({"thing": value}, None) is DOUBT


@pytest.mark.django_db
@pytest.mark.parametrize("many", [False, True])
def test_unique_relations(many: bool) -> None:
    category = CategoryFactory()
    value = [category.pk] if many else category.pk
    field = relations.PrimaryKeyRelatedField(queryset=Category.objects.all(), many=many)
    serializer = make_serializer(field)
    field = serializer.fields["thing"]
    getattr(field, "child_relation", field).queryset = FewRows(Category, "pk")
    assert compose(serializer, partial=False)({"thing": value}, None) is not DOUBT
    known: Any = Refusing()
    stock = UniqueValidator(Category.objects.all())
    field.validators.append(KnownUniqueValidator(stock, known))

    assert compose(serializer, partial=False)({"thing": value}, None) is DOUBT
    assert known.asked == [[category] if many else category]


@pytest.mark.django_db
def test_empty_lists_of_relations() -> None:
    field = relations.PrimaryKeyRelatedField(
        queryset=Tag.objects.all(), many=True, allow_empty=False
    )
    serializer = make_serializer(field)
    serializer.fields["thing"].child_relation.queryset = FewRows(Tag, "pk")
    tag = TagFactory()
    serializer.fields["thing"].child_relation.queryset = FewRows(Tag, "pk")
    datas = [*get_datas(), {"thing": [tag.pk]}]

    wrong, accepted = find_differences(serializer, datas)

    assert wrong == []
    assert {"thing": [tag.pk]} in accepted
    assert {"thing": []} not in accepted


class PlaceSerializer(serializers.ModelSerializer[Place]):
    """Two columns are unique together, and two more, NULL among them."""

    position = serializers.IntegerField(required=False, allow_null=True)

    class Meta:
        model = Place
        fields = ["id", "shelf", "position", "width", "depth"]
        validators = [
            UniqueTogetherValidator(Place.objects.all(), ["width", "depth"]),
            UniqueTogetherValidator(Place.objects.all(), ["position", "depth"]),
        ]


PlaceSerializer.Meta.validators[1].nulls_distinct = False


def make_place_serializer() -> Any:
    """Return a serializer as a batch has it."""
    serializer = PlaceSerializer()
    serializer.fields["shelf"].queryset = FewRows(Shelf, "pk")
    known: list[Any] = []
    for stock in serializer.validators:
        asking: Any = Asking(Place.objects.all(), *stock.fields)
        asking.columns = [Place._meta.get_field(name) for name in stock.fields]
        known.append(KnownUniqueTogetherValidator(stock, asking, stock.fields))
    serializer.validators = known
    return serializer


def get_places() -> Iterator[dict[str, Any]]:
    """Yield combinations, some of them taken."""
    for position in (ABSENT, None, 1, 7):
        for width in (ABSENT, None, 1, 2, 3, "2"):
            for depth in (ABSENT, None, 1, 2, 3):
                data = {"width": width, "depth": depth, "position": position}
                yield {k: value for k, value in data.items() if value is not ABSENT}


TAKEN = {"width": 2, "depth": 1, "position": 1}
TAKEN_NULL = {"width": 1, "depth": 1, "position": None}


@pytest.mark.django_db
@pytest.mark.parametrize("partial", [False, True])
@pytest.mark.parametrize("is_update", [False, True])
def test_unique_together(partial: bool, is_update: bool) -> None:
    Place.objects.create(width=2, depth=1)
    instance = Place.objects.create(width=3, depth=1, position=7) if is_update else None
    datas = list(get_places())

    wrong, accepted = find_differences(
        make_place_serializer(),
        datas,
        instance,
        partial=partial,
        oracle=PlaceSerializer(),
    )

    assert wrong == []
    assert {"width": 3, "depth": 2, "position": 1} in accepted
    assert TAKEN not in accepted
    assert TAKEN_NULL not in accepted
    assert ({"position": 7} in accepted) == is_update


@pytest.mark.django_db
def test_unique_together_sees_defaults() -> None:
    Place.objects.create(width=2, depth=1)
    serializer, oracle = make_place_serializer(), PlaceSerializer()
    for each in (serializer, oracle):
        each.fields["depth"] = fields.IntegerField(read_only=True, default=1)
    datas = [{"width": 2, "position": 1}, {"width": 3, "position": 1}]

    wrong, accepted = find_differences(serializer, datas, oracle=oracle)

    assert (wrong, accepted) == ([], [datas[1]])


@pytest.mark.django_db
def test_unique_together_requires_what_a_condition_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    serializer, oracle = make_place_serializer(), PlaceSerializer()
    monkeypatch.setattr(oracle.validators[0], "condition_fields", ["shelf"])
    assert serializer.validators[0].validator is oracle.validators[0]
    data = {"width": 3, "depth": 2, "position": 1}
    datas = [data, data | {"shelf": None}]

    wrong, accepted = find_differences(serializer, datas, oracle=oracle)

    assert (wrong, accepted) == ([], [datas[1]])


@pytest.mark.django_db
def test_fail_other_validators() -> None:
    assert compose(PlaceSerializer(), partial=False) is None
    serializer = make_place_serializer()
    del serializer.fields["depth"]

    assert compose(serializer, partial=False) is None


@pytest.mark.django_db
def test_doubts_a_unique_validator() -> None:
    serializer = make_serializer(
        fields.CharField(validators=[UniqueValidator(Category.objects.all())])
    )
    accept = compose(serializer, partial=True)

    assert accept({"thing": "a"}, None) is DOUBT
    assert accept({}, None) == {}


Mutate = Callable[[Any], Any]


def plant(monkeypatch: pytest.MonkeyPatch, cls: Any, mutate: Mutate) -> None:
    """Accept the values of a class of fields as a mutant does."""
    compose_field = accepting._COMPOSERS[cls]
    monkeypatch.setitem(
        accepting._COMPOSERS, cls, lambda field: mutate(compose_field(field))
    )


def trust_int(accept: Any) -> Any:
    """Accept whatever is an int, bools among them."""
    return lambda value, instance: (
        value if isinstance(value, int) else accept(value, instance)
    )


def trust_decimal(accept: Any) -> Any:
    """Leave the places as they were sent."""

    def mutant(value: Any, instance: Any) -> Any:
        found = accept(value, instance)
        return found if found is DOUBT or found is None else Decimal(str(value))

    return mutant


def trust_null(accept: Any) -> Any:
    """Accept None whether it is allowed or not."""
    return lambda value, instance: value and accept(value, instance)


def trust_text(accept: Any) -> Any:
    """Accept any text."""
    return lambda value, instance: (
        value if type(value) is str else accept(value, instance)
    )


@pytest.mark.parametrize(
    ("name", "cls", "mutate"),
    [
        ("integer", fields.IntegerField, trust_int),
        ("decimal", fields.DecimalField, trust_decimal),
        ("boolean", fields.BooleanField, trust_int),
        ("float", fields.FloatField, trust_int),
        ("json", fields.JSONField, trust_null),
        ("char", fields.CharField, trust_text),
        ("char limited", fields.CharField, trust_text),
        ("email", fields.EmailField, trust_text),
        ("ip", fields.IPAddressField, trust_text),
    ],
)
def test_planted(
    monkeypatch: pytest.MonkeyPatch, name: str, cls: Any, mutate: Mutate
) -> None:
    make, _ = FIELDS[name]
    plant(monkeypatch, cls, mutate)

    wrong, _ = find_differences(make_serializer(make()), get_datas())

    assert wrong != []


@pytest.mark.django_db
def test_planted_untrimmed_lookup(monkeypatch: pytest.MonkeyPatch) -> None:
    ProductFactory(sku="taken")
    datas = list(get_products(CategoryFactory(), TagFactory()))
    serializer = make_product_serializer()
    known = serializer.fields["sku"].validators
    [unique] = [each for each in known if type(each) is KnownUniqueValidator]
    stock = unique.known.is_free
    unique.known.is_free = lambda value, instance: stock(f" {value}", instance)

    wrong, _ = find_differences(serializer, datas, oracle=ProductSerializer())

    assert {each.get("sku") for each in wrong} >= {"taken", " taken "}


@pytest.mark.django_db
def test_planted_relation(monkeypatch: pytest.MonkeyPatch) -> None:
    category = CategoryFactory()
    datas = [{"thing": value} for value in (str(category.pk), 10**9)]
    field = relations.PrimaryKeyRelatedField(queryset=Category.objects.all())
    serializer = make_serializer(field)
    serializer.fields["thing"].queryset = FewRows(Category, "pk")
    monkeypatch.setattr(FewRows, "find", lambda self, value: Category(pk=value))

    wrong, _ = find_differences(serializer, datas)

    assert wrong == datas


def trust_together(self: Any, attrs: Any, instance: Any) -> bool:
    """Accept every combination."""
    return True


def trust_nulls(self: Any, attrs: Any, instance: Any) -> bool:
    """Accept every combination with None."""
    found = tuple(attrs[source] for source in self.sources)
    return None in found or self.known.is_free(found, instance)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("mutant", "planted"), [(trust_together, TAKEN), (trust_nulls, TAKEN_NULL)]
)
def test_planted_together(
    monkeypatch: pytest.MonkeyPatch, mutant: Any, planted: Any
) -> None:
    if not hasattr(UniqueTogetherValidator(None, []), "nulls_distinct"):
        pytest.skip("This DRF takes NULL for distinct, always.")
    Place.objects.create(width=2, depth=1)
    monkeypatch.setattr(KnownUniqueTogetherValidator, "is_free", mutant)

    wrong, _ = find_differences(
        make_place_serializer(), get_places(), oracle=PlaceSerializer()
    )

    assert planted in wrong
