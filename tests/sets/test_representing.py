"""What is shown is what DRF shows, and what might run other code is not composed."""

from __future__ import annotations

import copy
import datetime
import uuid
from collections.abc import Iterator
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.files.storage import FileSystemStorage
from django.db import models
from django.db.models import Manager
from django.test import override_settings
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from rest_framework import fields, relations, serializers
from rest_framework.serializers import ModelSerializer

from multistatus_app.sets import representing, showing
from multistatus_app.sets.representing import compose, explain
from tests.factories import CategoryFactory, ProductFactory, TagFactory
from tests.parity import models as parity
from tests.shop import models as shop

FAILED = object()
UUID = uuid.UUID("12345678-1234-5678-1234-567812345678")
NOW = datetime.datetime(2020, 1, 1, 12, 30, 15, 123456, tzinfo=datetime.UTC)


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


def make(model: Any, names: Any = "__all__", base: Any = None, **members: Any) -> Any:
    """Return a ModelSerializer class."""
    meta = type("Meta", (), {"model": model, "fields": names})
    bases = (base or ModelSerializer,)
    return type(ModelSerializer)("Things", bases, {"Meta": meta, **members})


def show(represent: Any, instance: Any) -> Any:
    """Return a representation, or what it fails with."""
    try:
        return dict(represent(instance))
    except Exception as error:  # DRF's own answer to an odd value
        return FAILED, type(error), str(error)


def get_types(value: Any) -> Any:
    """Return the types in a value, all the way down."""
    if isinstance(value, dict):
        return [(key, get_types(each)) for key, each in value.items()]
    if isinstance(value, list | tuple):
        return type(value), [get_types(each) for each in value]
    return type(value)


def assert_same(serializer: Any, instance: Any) -> Any:
    """Compare with DRF; return what is shown."""
    represent = compose(serializer)
    assert represent is not None, explain(serializer)
    found = show(represent, instance)
    expected = show(serializer.to_representation, instance)

    assert repr(found) == repr(expected)
    assert get_types(found) == get_types(expected)
    return found


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


def get_all() -> Iterator[tuple[Any, Any]]:
    """Yield serializers with instances."""
    category, tag = CategoryFactory(), TagFactory()
    product = ProductFactory(category=category, attributes={"a": [1]})
    product.tags.add(tag, TagFactory())
    names = ["id", "sku", "name", "price", "stock", "category", "tags", "attributes"]
    cls = make(shop.Product, names)
    yield cls, product
    yield cls, shop.Product.objects.get()
    yield cls, shop.Product.objects.defer("price", "category").get()
    yield cls, shop.Product.objects.prefetch_related("tags").get()
    yield cls, shop.Product(sku="unsaved")
    slugs = make(
        shop.Product,
        ["category", "tags", "number"],
        category=relations.SlugRelatedField(slug_field="name", read_only=True),
        tags=relations.SlugRelatedField(slug_field="name", read_only=True, many=True),
        number=fields.IntegerField(source="pk"),
    )
    yield slugs, product
    yield slugs, shop.Product.objects.get()
    yield slugs, shop.Product.objects.select_related("category").get()
    yield slugs, shop.Product(category=shop.Category(name=None))
    yield slugs, shop.Product(pk=5, category_id=10**6)
    yield slugs, shop.Product()
    yield make(shop.Category), category
    yield make(shop.Category), shop.Category(parent=category)
    yield make(shop.Parcel), shop.Parcel(label="x")
    yield make(parity.Genre), parity.Genre(code="a", broader_id="b")
    yield make(parity.Ticket), parity.Ticket(text="x")
    yield make(parity.Author), parity.Author(name="a", pen_name=None, pk=5)
    yield make(parity.Place), parity.Place(width=2)
    yield make(parity.Label), parity.Label(hidden=True)
    user = get_user_model()(username="somebody", last_login=NOW)
    yield make(get_user_model(), ["username", "last_login", "is_staff"]), user
    yield make(parity.Book, ["id", "slug", "labels", "archived"]), parity.Book(slug="A")
    yield make(parity.Book, ["scan"]), parity.Book(scan="a.pdf")
    yield make(parity.Book, ["scan"]), parity.Book()


@pytest.mark.django_db
def test_models() -> None:
    for cls, instance in get_all():
        assert_same(cls(), instance)


@pytest.mark.django_db
def test_plain_values_need_no_drf(monkeypatch: pytest.MonkeyPatch) -> None:
    product = ProductFactory(price=Decimal("1.50"), attributes={"a": 1})
    cls = make(shop.Product, ["id", "sku", "price", "stock", "category", "attributes"])
    represent = compose(cls())
    monkeypatch.setattr(showing, "show_as_drf", None)

    assert represent(product) == {
        "id": product.pk,
        "sku": product.sku,
        "price": "1.50",
        "stock": product.stock,
        "category": product.category_id,
        "attributes": {"a": 1},
    }


@pytest.mark.django_db
def test_slug_from_the_cache(django_assert_num_queries: Any) -> None:
    category = CategoryFactory(name="red")
    product = shop.Product(category=category)
    field = relations.SlugRelatedField(slug_field="name", read_only=True)
    represent = compose(make(shop.Product, ["category"], category=field)())

    with django_assert_num_queries(0):
        assert represent(product) == {"category": "red"}


def test_another_model() -> None:
    represent = compose(make(parity.Book, ["slug"])())

    assert represent(parity.Paperback(slug="A")) == {"slug": "A"}
    assert represent({"slug": "b"}) == {"slug": "b"}


def test_only_what_is_read() -> None:
    secret = fields.CharField(write_only=True)
    assert_same(make(shop.Parcel, ["secret", "label"], secret=secret)(), shop.Parcel())


@pytest.mark.django_db
def test_links(rf: Any) -> None:
    category = CategoryFactory()
    cls = make(
        shop.Product,
        ["url", "category"],
        url=relations.HyperlinkedIdentityField(view_name="product-detail"),
        category=relations.HyperlinkedRelatedField(
            view_name="category-detail", read_only=True
        ),
    )
    request = rf.get("/")
    serializer = cls(context={"request": request})

    found = assert_same(serializer, shop.Product(pk=5, category=category))

    assert found == {
        "url": "http://testserver/api/products/5/",
        "category": f"http://testserver/api/categories/{category.pk}/",
    }
    request.versioning_scheme = object()
    assert explain(serializer) is None
    request.versioning_scheme = SchemeOfTheProject()
    assert explain(serializer) == "field 'url' is computed by project code"


class SchemeOfTheProject:
    """Makes URLs in its own way."""


class OwnField(fields.CharField):
    """Shows in its own way."""

    def to_representation(self, value: Any) -> Any:
        return "own"


class OwnManager(Manager[Any]):
    """Selects in its own way."""


class Nested(serializers.Serializer[Any]):
    """Holds one field."""

    name = fields.CharField()


def own(self: Any, instance: Any) -> Any:
    return {"own": True}


CODE = "field 'thing' is computed by project code"


@pytest.mark.parametrize(
    ("model", "members", "reason"),
    [
        (shop.Product, {"thing": OwnField(source="name")}, CODE),
        (
            shop.Product,
            {"thing": fields.SerializerMethodField(), "get_thing": own},
            CODE,
        ),
        (
            shop.Product,
            {"thing": fields.ModelField(shop.Product._meta.pk, source="name")},
            CODE,
        ),
        (
            shop.Product,
            {"thing": fields.ListField(child=OwnField(), source="name")},
            CODE,
        ),
        (
            shop.Product,
            {
                "thing": relations.PrimaryKeyRelatedField(
                    source="category", read_only=True, pk_field=OwnField()
                )
            },
            CODE,
        ),
        (
            shop.Product,
            {"thing": relations.StringRelatedField(source="category")},
            CODE,
        ),
        (shop.Product, {"thing": Nested(source="category")}, "field 'thing' is nested"),
        (
            shop.Product,
            {"thing": Nested(source="tags", many=True)},
            "field 'thing' is nested",
        ),
        (
            shop.Product,
            {"thing": fields.CharField(source="category.name")},
            "field 'thing' is read through 'category.name'",
        ),
        (
            shop.Product,
            {"thing": fields.ReadOnlyField(source="get_next")},
            "field 'thing' is no column of Product",
        ),
        (
            shop.Product,
            {"thing": fields.CharField(source="category")},
            "field 'thing' is no column of Product",
        ),
        (
            shop.Category,
            {
                "thing": relations.PrimaryKeyRelatedField(
                    source="products", many=True, read_only=True
                )
            },
            "field 'thing' is no relation of Category",
        ),
        (
            shop.Category,
            {
                "thing": relations.SlugRelatedField(
                    source="parent", slug_field="name", read_only=True
                )
            },
            "field 'thing' shows other rows of Category",
        ),
        (
            shop.Product,
            {
                "thing": relations.SlugRelatedField(
                    source="category", slug_field="parent__name", read_only=True
                )
            },
            "field 'thing' is no column of Category",
        ),
        (
            shop.Product,
            {
                "thing": relations.SlugRelatedField(
                    source="tags", slug_field="slug", many=True, read_only=True
                )
            },
            "field 'thing' is no column of Tag",
        ),
        (
            shop.Product,
            {
                "thing": relations.SlugRelatedField(
                    source="tags", slug_field="name", read_only=True
                )
            },
            "field 'thing' is no column of Product",
        ),
        (
            shop.Product,
            {"thing": relations.PrimaryKeyRelatedField(source="tags", read_only=True)},
            "field 'thing' is no column of Product",
        ),
        (
            shop.Product,
            {
                "thing": relations.ManyRelatedField(
                    source="tags",
                    read_only=True,
                    child_relation=relations.PrimaryKeyRelatedField(
                        read_only=True, pk_field=fields.CharField()
                    ),
                )
            },
            CODE,
        ),
        (
            shop.Product,
            {
                "thing": relations.HyperlinkedRelatedField(
                    source="tags", view_name="tag-detail", many=True, read_only=True
                )
            },
            "field 'thing' shows rows of another model",
        ),
        (shop.Product, {"to_representation": own}, "Things shows rows in its own way"),
        (
            shop.Product,
            {"_readable_fields": property(lambda self: [])},
            "Things shows rows in its own way",
        ),
    ],
)
def test_fail(model: Any, members: dict[str, Any], reason: str) -> None:
    cls = make(model, ["thing"] if "thing" in members else ["name"], **members)

    assert explain(cls) == explain(cls()) == reason
    assert compose(cls()) is None


def test_fail_no_model() -> None:
    assert explain(Nested) == "Nested is of no model"
    assert explain(Nested(many=True)) == "ListSerializer is of no model"
    assert compose(Nested()) is None


def test_fail_patched(monkeypatch: pytest.MonkeyPatch) -> None:
    serializer = make(shop.Parcel, ["label"])()
    assert explain(serializer) is None
    serializer.fields["label"].to_representation = str

    assert explain(serializer) == "field 'label' is computed by project code"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", property(lambda self: "own")),
        ("__getattribute__", lambda self, name: object.__getattribute__(self, name)),
        ("__getattr__", lambda self, name: "own"),
        ("serializable_value", lambda self, name: "own"),
        ("pk", property(lambda self: "own")),
    ],
)
def test_fail_own_attributes(
    monkeypatch: pytest.MonkeyPatch, name: str, value: Any
) -> None:
    serializer = make(shop.Product, ["name"])()
    monkeypatch.setattr(shop.Product, name, value, raising=False)

    assert explain(serializer) in (
        "field 'name' is read by project code",
        "Product reads its attributes in its own way",
    )
    assert compose(serializer) is None


@pytest.mark.parametrize("name", ["_default_manager", "_base_manager"])
def test_fail_own_manager(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    serializer = make(shop.Product, ["tags"])()
    manager = OwnManager()
    manager.model = shop.Tag
    monkeypatch.setattr(shop.Tag._meta, name.removeprefix("_"), manager, raising=False)

    if getattr(shop.Tag, name) is manager:
        assert explain(serializer) == "field 'tags' is read by project code"


def test_fail_own_storage(monkeypatch: pytest.MonkeyPatch) -> None:
    serializer = make(parity.Book, ["scan"])()
    assert explain(serializer) is None
    storage = type("Storage", (FileSystemStorage,), {"__module__": "project"})()
    monkeypatch.setattr(parity.Book._meta.get_field("scan"), "storage", storage)

    assert explain(serializer) == "field 'scan' is read by project code"


def test_fail_own_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    serializer = make(shop.Product, ["tags"])()
    assert explain(serializer) is None
    monkeypatch.setattr(
        shop.Tag, "from_db", classmethod(lambda cls, *given: cls()), raising=False
    )

    assert explain(serializer) == "field 'tags' is read by project code"


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
