"""What writers store of every kind of field, and how its column refuses."""

from __future__ import annotations

import datetime
import decimal
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import DataError, IntegrityError, connection, models, transaction
from django.test.utils import isolate_apps
from django.utils.safestring import mark_safe

from multistatus_app.sets.writers import get_writer
from multistatus_app.sets.writers.columns import HasExpression, get_converter
from multistatus_app.sets.writers.orm import OrmWriter
from tests.sets.writers.checking import undo

pytestmark = pytest.mark.django_db

UTC = datetime.UTC
SUMMER = datetime.timezone(datetime.timedelta(hours=2))


class Color(models.TextChoices):
    """A string that is more."""

    RED = "r"


@pytest.fixture(scope="module")
def everything(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    """Return a model with one of each field, and make its table."""
    with isolate_apps("tests.shop"):

        class Target(models.Model):  # noqa: DJ008
            code = models.CharField(max_length=5, primary_key=True)

            class Meta:
                app_label = "shop"

        class Everything(models.Model):  # noqa: DJ008
            char = models.CharField(max_length=5, null=True)
            email = models.EmailField(null=True)
            slug = models.SlugField(null=True)
            url = models.URLField(null=True)
            text = models.TextField(null=True)
            small = models.SmallIntegerField(null=True)
            integer = models.IntegerField(null=True)
            big = models.BigIntegerField(null=True)
            positive = models.PositiveIntegerField(null=True)
            small_positive = models.PositiveSmallIntegerField(null=True)
            big_positive = models.PositiveBigIntegerField(null=True)
            boolean = models.BooleanField(null=True)
            float = models.FloatField(null=True)
            decimal = models.DecimalField(max_digits=5, decimal_places=2, null=True)
            date = models.DateField(null=True)
            moment = models.DateTimeField(null=True)
            time = models.TimeField(null=True)
            duration = models.DurationField(null=True)
            uuid = models.UUIDField(null=True)
            json = models.JSONField(null=True)
            address = models.GenericIPAddressField(null=True)
            binary = models.BinaryField(null=True)
            target = models.ForeignKey(Target, null=True, on_delete=models.CASCADE)
            parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE)
            added = models.DateTimeField(auto_now_add=True)
            changed = models.DateTimeField(auto_now=True)
            changed_on = models.DateField(auto_now=True)
            changed_at = models.TimeField(auto_now=True)

            class Meta:
                app_label = "shop"

    with django_db_blocker.unblock():
        with connection.schema_editor() as editor:
            editor.create_model(Target)
            editor.create_model(Everything)
        yield Everything
        with connection.schema_editor() as editor:
            editor.delete_model(Everything)
            editor.delete_model(Target)


@pytest.fixture
def model(everything: Any) -> Any:
    """Return that model, and make a row that others can point to."""
    everything._meta.get_field("target").related_model.objects.create(code="here")
    everything.objects.create(pk=-1)
    return everything


@pytest.fixture(params=[get_writer, OrmWriter])
def get(request: pytest.FixtureRequest) -> Callable[[Any], Any]:
    """Return what makes a writer."""
    return lambda model: request.param(model, "default")


VALUES: dict[str, list[Any]] = {
    "char": ["abc", "", "äöü€𝄞", "a\\'\"", "a  ", mark_safe("<b>"), Color.RED, 12],
    "email": ["a@example.org"],
    "slug": ["a-b"],
    "url": ["https://example.org/?a=%20%s"],
    "text": [
        "x" * 10_000,
        "{a,b}",
        "NULL",
        "null",
        "\n\t",
        "%s %(a)s",
        "\\N",
        "$write$",
    ],
    "small": [-32768, 32767],
    "integer": [-(2**31), 2**31 - 1, "12", True, 1.5],
    "big": [-(2**63), 2**63 - 1],
    "positive": [0, 2**31 - 1],
    "small_positive": [32767],
    "big_positive": [2**63 - 1],
    "boolean": [True, False, "True", 0],
    "float": [1.5, -0.0, 1e300, 3, "2.5"],
    "decimal": [decimal.Decimal("1.50"), decimal.Decimal("-999.99"), 2, "1.25", 1.5],
    "date": [datetime.date(2024, 2, 29), "2024-01-31", datetime.date(1, 1, 1)],
    "moment": [
        datetime.datetime(2024, 2, 29, 12, 30, 1, 123456, tzinfo=UTC),
        datetime.datetime(2024, 7, 1, 0, 30, tzinfo=SUMMER),
        "2024-01-31T12:00:00Z",
    ],
    "time": [datetime.time(1, 2, 3, 456789), datetime.time(0), "12:30"],
    "duration": [
        datetime.timedelta(days=400, seconds=1, microseconds=5),
        datetime.timedelta(days=-3, hours=5),
    ],
    "uuid": [uuid.UUID(int=7), str(uuid.UUID(int=8)), 9],
    "json": [{"a": [1, None, 'x"\\y']}, [], [1], "text", 5, True, {}, {"é": "%s"}],
    "address": ["127.0.0.1", "::1", "2001:0DB8::0001", ""],
    "binary": [b"\x00\xff'\\", b"", bytearray(b"x"), memoryview(b"y")],
    "target": ["here"],
    "parent": [-1, "-1"],
}


def make(model: Any, name: str, values: list[Any]) -> list[Any]:
    """Return instances with values of one field, NULL among them."""
    attname = model._meta.get_field(name).attname
    return [model(**{attname: value}) for value in [None, *values, None]]


def read(model: Any, name: str) -> list[Any]:
    """Return what is stored, as the driver gives it."""
    column = model._meta.get_field(name).column
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {quote(column)} FROM {quote(model._meta.db_table)} "
            "WHERE id > 0 ORDER BY id"
        )
        return [
            bytes(value) if isinstance(value, memoryview) else value
            for (value,) in cursor.fetchall()
        ]


@pytest.mark.parametrize("name", VALUES)
def test_insert(model: Any, get: Callable[[Any], Any], name: str) -> None:
    def save() -> Any:
        for instance in make(model, name, VALUES[name]):
            instance.save(force_insert=True)
        return read(model, name)

    rows = undo(save)
    with transaction.atomic():
        assert get(model).insert(make(model, name, VALUES[name])) == {}

    assert read(model, name) == rows
    assert len(rows) == len(VALUES[name]) + 2


@pytest.mark.parametrize("name", VALUES)
def test_update(model: Any, get: Callable[[Any], Any], name: str) -> None:
    field = model._meta.get_field(name)
    instances = make(model, name, VALUES[name])
    for instance in instances:
        value = getattr(instance, field.attname)
        setattr(instance, field.attname, None)
        instance.save()
        setattr(instance, field.attname, value)

    def save() -> Any:
        for instance in instances:
            instance.save(update_fields=[name])
        return read(model, name)

    rows = undo(save)
    with transaction.atomic():
        assert get(model).update(instances, [field]) == {}

    assert read(model, name) == rows


def test_all_at_once(model: Any, get: Callable[[Any], Any]) -> None:
    values = {
        model._meta.get_field(name).attname: values[0]
        for name, values in VALUES.items()
    }

    def save() -> Any:
        model(**values).save(force_insert=True)
        return [read(model, name) for name in VALUES]

    rows = undo(save)
    with transaction.atomic():
        get(model).insert([model(**values)])

    assert [read(model, name) for name in VALUES] == rows


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("char", "x" * 6),
        ("char", "a\x00b"),
        ("slug", "x" * 51),
        ("text", "\x00"),
        ("small", 32768),
        ("integer", 2**31),
        ("positive", -1),
        ("small_positive", 40_000),
        ("big_positive", -1),
        ("decimal", decimal.Decimal("1000")),
        ("decimal", decimal.Decimal("1.239")),
        ("json", {"a": "\x00"}),
        ("duration", datetime.timedelta.max),
        ("char", "abc      "),
    ],
)
def test_refused(model: Any, get: Callable[[Any], Any], name: str, value: Any) -> None:
    """As `save()`: what one database refuses another takes, and some values raise."""
    good = VALUES[name][0]

    def save() -> Any:
        outcome: list[Any] = []
        for instance in make(model, name, [good, value, good, value]):
            try:
                with transaction.atomic():
                    instance.save(force_insert=True)
            except (IntegrityError, DataError) as exc:
                outcome.append(type(exc))
            else:
                outcome.append(None)
        return outcome, read(model, name)

    def insert() -> Any:
        instances = make(model, name, [good, value, good, value])
        refusals = get(model).insert(instances)
        outcome = [None] * len(instances)
        for place, error in refusals.items():
            outcome[place] = type(error or save_alone(place))
        return outcome, read(model, name)

    def save_alone(place: int) -> Exception:
        """Do what is to be done where the reason is not known: with psycopg2."""
        with pytest.raises((IntegrityError, DataError)) as raised, transaction.atomic():
            make(model, name, [good, value, good, value])[place].save()
        return raised.value

    try:
        wanted = undo(save)
    except Exception as exc:
        with pytest.raises(type(exc)):
            undo(insert)
        return
    assert undo(insert) == wanted


def test_times_of_changes(model: Any, get: Callable[[Any], Any]) -> None:
    names = ("added", "changed", "changed_on", "changed_at")
    before = datetime.datetime.now(UTC)
    instances = [model(), model(text="x")]
    with transaction.atomic():
        get(model).insert(instances)
    for instance in instances:
        for name in names:
            assert getattr(instance, name) is not None
            assert getattr(model.objects.get(pk=instance.pk), name) == getattr(
                instance, name
            )
        assert instance.added >= before

    added, changed = instances[0].added, instances[0].changed
    fields = [model._meta.get_field(name) for name in names]
    with transaction.atomic():
        get(model).update(instances, fields)

    stored = model.objects.get(pk=instances[0].pk)
    assert stored.added == added
    assert stored.changed == instances[0].changed > changed


@pytest.mark.parametrize("name", [*VALUES, "id", "added"])
def test_converter(everything: Any, name: str) -> None:
    """A shortcut gives what the field gives."""
    field = everything._meta.get_field(name)
    convert = get_converter(field, connection)

    for value in [None, *VALUES.get(name, [])]:
        wanted = field.get_db_prep_save(value, connection=connection)
        assert type(convert(value)) in (type(wanted), type(value))
        if name not in ("json", "binary", "address"):
            assert convert(value) == wanted


@pytest.mark.parametrize("name", VALUES)
def test_converter_of_expressions(everything: Any, name: str) -> None:
    convert = get_converter(everything._meta.get_field(name), connection)

    with pytest.raises(HasExpression):
        convert(models.Value("x"))


def test_converter_of_numbers_that_are_none(everything: Any) -> None:
    convert = get_converter(everything._meta.get_field("decimal"), connection)

    for value in ("NaN", "Infinity"):
        with pytest.raises(Exception, match="must be a decimal number"):
            convert(decimal.Decimal(value))


def test_converter_of_naive_moments(everything: Any) -> None:
    convert = get_converter(everything._meta.get_field("moment"), connection)

    with pytest.warns(RuntimeWarning, match="received a naive datetime"):
        convert(datetime.datetime(2024, 1, 1))
