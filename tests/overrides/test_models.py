"""What a model, or who listens to it, does for each row."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.db import models
from django.db.models import signals
from django.db.models.functions import Lower
from django.test.utils import isolate_apps

from multistatus_app.overrides.decisions import decide
from multistatus_app.overrides.receivers import get_name
from tests.overrides.made import (
    CHANGES,
    HERE,
    METHODS,
    SAVES,
    build_model,
    check,
    make_view,
    override,
)
from tests.parity.models import Author, Book, Paperback
from tests.shop.models import Category, Product, Tag

pytestmark = pytest.mark.once


RECEIVED = f"is received by {__name__}.test_receivers.<locals>.receive"


@pytest.mark.parametrize(
    ("signal", "sender", "methods", "reason"),
    [
        ("pre_save", Product, SAVES, f"pre_save {RECEIVED}"),
        ("post_save", Product, SAVES, f"post_save {RECEIVED}"),
        ("pre_save", None, SAVES, f"pre_save {RECEIVED}"),
        ("pre_delete", Product, ("DELETE",), f"pre_delete {RECEIVED}"),
        ("post_delete", Product, ("DELETE",), f"post_delete {RECEIVED}"),
        ("m2m_changed", Product.tags.through, SAVES, f"m2m_changed {RECEIVED}"),
        (
            "post_delete",
            Product.tags.through,
            ("DELETE",),
            f"post_delete {RECEIVED} (shop.Product_tags)",
        ),
        ("post_save", Category, (), ""),
        ("post_delete", Tag, (), ""),
        ("m2m_changed", Book.labels.through, (), ""),
    ],
)
def test_receivers(
    signal: str, sender: Any, methods: tuple[str, ...], reason: str
) -> None:
    def receive(**kwargs: Any) -> None:
        """Hear of it."""

    view = make_view()
    getattr(signals, signal).connect(receive, sender=sender)
    try:
        check(view, dict.fromkeys(methods, reason))
    finally:
        getattr(signals, signal).disconnect(receive, sender=sender)

    check(view, {})


@pytest.mark.parametrize("signal", ["pre_save", "post_save"])
def test_receivers_that_sets_call(signal: str, settings: Any) -> None:
    def receive(**kwargs: Any) -> None:
        """Hear of it."""

    getattr(signals, signal).connect(receive)
    try:
        check(make_view(bulk_replayable=True), {})
        settings.MULTISTATUS = {"QUIET_RECEIVERS": [f"{__name__}.*"]}
        check(make_view(), {})
    finally:
        getattr(signals, signal).disconnect(receive)


def test_a_receiver_is_named_by_its_function_or_class() -> None:
    class Receiver:
        def __call__(self, **kwargs: Any) -> None:
            """Hear of it."""

        def method(self, **kwargs: Any) -> None:
            """Hear of it."""

    here = f"{__name__}.test_a_receiver_is_named_by_its_function_or_class.<locals>"
    receiver = Receiver()
    assert get_name(receiver) == f"{here}.Receiver"
    assert get_name(receiver.method) == f"{here}.Receiver.method"
    assert get_name(partial(receiver.method, key=1)) == f"{here}.Receiver.method"


class OwnCharField(models.CharField):  # type: ignore[type-arg]  # as projects do
    """A field of one's own."""


class OwnManager(models.Manager[Any]):
    """Creates in its own way."""

    def create(self, **values: Any) -> Any:
        """Create it."""
        return super().create(**values)


class OwnQuerySet(models.QuerySet[Any]):
    """Creates in its own way."""

    def create(self, **values: Any) -> Any:
        """Create it."""
        return super().create(**values)


class StockQuerySet(models.QuerySet[Any]):
    """Adds to it, and overrides nothing."""

    def adults(self) -> Any:
        """Filter."""
        return self.filter(pk__gt=1)


LOWER = models.UniqueConstraint(Lower("name"), name="lower")
PLAIN = models.UniqueConstraint(fields=["name"], name="plain")
CHECKED = models.CheckConstraint(condition=models.Q(name__gt=""), name="checked")


class OwnConstraint(models.UniqueConstraint):
    """A constraint of one's own, of fields."""


@pytest.mark.parametrize(
    ("members", "methods", "reason"),
    [
        ({}, (), ""),
        (override("save"), SAVES, "save() is overridden by {}"),
        (override("save_base"), SAVES, "save_base() is overridden by {}"),
        (override("_do_update"), SAVES, "_do_update() is overridden by {}"),
        (override("delete"), ("DELETE",), "delete() is overridden by {}"),
        (override("clean"), (), ""),
        (
            {"name": OwnCharField(max_length=9)},
            METHODS,
            f"the field 'name' is a {__name__}.OwnCharField",
        ),
        (
            {"file": models.FileField()},
            METHODS,
            "the field 'file' is a django.db.models.fields.files.FileField",
        ),
        (
            {"objects": OwnManager()},
            ("POST",),
            "create() is overridden by the manager of shop.Made",
        ),
        (
            {"objects": OwnQuerySet.as_manager()},
            ("POST",),
            "create() is overridden by the manager of shop.Made",
        ),
        ({"objects": StockQuerySet.as_manager()}, (), ""),
        (
            {"meta": {"constraints": [LOWER]}},
            CHANGES,
            "the order of changes matters to the constraint 'lower'",
        ),
        ({"meta": {"constraints": [PLAIN, CHECKED]}}, (), ""),
        (
            {"meta": {"managed": False}},
            METHODS,
            "the table of shop.Made is not made by Django",
        ),
        (
            {"meta": {"db_table": 'public"."made'}},
            METHODS,
            "the table of shop.Made has a schema or quotes in its name",
        ),
        ({"meta": {"unique_together": [("name", "other")]}}, (), ""),
        ({"parent": models.ForeignKey("self", models.SET_NULL, null=True)}, (), ""),
        ({"parent": models.ForeignKey("self", models.PROTECT, null=True)}, (), ""),
        (
            {"parent": models.ForeignKey("self", models.CASCADE, null=True)},
            ("DELETE",),
            "deleting one shop.Made may delete another",
        ),
    ],
)
@isolate_apps("tests.shop")
def test_model(members: dict[str, Any], methods: tuple[str, ...], reason: str) -> None:
    stock = {"name": models.CharField(max_length=9), "other": models.IntegerField()}
    model = build_model(**(stock | members))

    check(make_view(model=model), dict.fromkeys(methods, reason.format(f"{HERE}.Made")))


@isolate_apps("tests.shop")
def test_model_with_a_default_of_the_database() -> None:
    pytest.importorskip("django", minversion="5.0")
    model = build_model(name=models.CharField(max_length=9, db_default="x"))

    reason = "the database makes the default of 'name'"
    check(make_view(model=model), dict.fromkeys(METHODS, reason))


@isolate_apps("tests.shop")
def test_model_ordered_with_respect_to() -> None:
    parent = build_model()
    model = type(
        "Child",
        (models.Model,),
        {
            "__module__": HERE,
            "parent": models.ForeignKey(parent, models.CASCADE),
            "Meta": type(
                "Meta", (), {"app_label": "shop", "order_with_respect_to": "parent"}
            ),
        },
    )

    for method in METHODS:
        assert "shop.Child is ordered with respect to a relation" in (
            decide(make_view(model=model), method).reasons
        )


@pytest.mark.parametrize(
    ("model", "label"), [(Author, "parity.Author"), (Paperback, "parity.Paperback")]
)
@pytest.mark.parametrize("method", METHODS)
def test_model_with_parents(model: Any, label: str, method: str) -> None:
    assert f"{label} inherits from another model's table" in (
        decide(make_view(model=model), method).reasons
    )
