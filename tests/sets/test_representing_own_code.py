"""What might run other code is not composed."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from django.db.models import Manager
from rest_framework import fields, relations, serializers

from multistatus_app.sets.representing import compose, explain
from tests.parity import models as parity
from tests.sets.showing import make
from tests.shop import models as shop


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
