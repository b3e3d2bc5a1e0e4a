"""When many operations may be one statement, and each reason why they may not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from django.db import models
from django.db.models import signals
from django.db.models.functions import Lower
from django.test.utils import isolate_apps
from rest_framework import permissions, serializers
from rest_framework.views import APIView

from multistatus_app.overrides.decisions import Decision, Depth, decide
from multistatus_app.overrides.deletions import get_cascade, get_referring
from multistatus_app.viewsets import BulkModelViewSet
from tests.parity.models import Author, Book, Paperback
from tests.shop import serializers as shop
from tests.shop import views
from tests.shop.models import Category, Event, Note, Parcel, Product, Tag

pytestmark = pytest.mark.once

METHODS = ("POST", "PUT", "PATCH", "DELETE")
CHANGES = ("PUT", "PATCH")
SAVES = ("POST", *CHANGES)
DECIDED = Decision(depth=Depth.SETS, reasons=())
HERE = __name__
DRF = "rest_framework.fields"
SHOP = "tests.shop.serializers"


def make_view(*, model: Any = Product, serializer: Any = None, **members: Any) -> Any:
    """Return a viewset of products, or of what else."""
    stock = {
        "__module__": HERE,
        "queryset": model._default_manager.all(),
        "serializer_class": serializer or make_serializer(model=model),
    }
    return type("MadeViewSet", (BulkModelViewSet,), stock | members)


def make_serializer(*, model: Any = Product, **members: Any) -> Any:
    """Return a serializer of products, or of what else."""
    meta = type("Meta", (), {"model": model, "fields": "__all__"})
    return type(
        "MadeSerializer",
        (serializers.ModelSerializer,),
        {"__module__": HERE, "Meta": meta} | members,
    )


def override(name: str) -> dict[str, Any]:
    """Return an override that calls the stock method."""

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(super(type(self), self), name)(*args, **kwargs)

    return {name: method}


def check(view: Any, reasons: dict[str, str]) -> None:
    """Check why each method is not run in sets; the others are."""
    assert {method: decide(view, method) for method in METHODS} == {
        method: Decision(depth=Depth.SINGLY, reasons=(reasons[method],))
        if method in reasons
        else DECIDED
        for method in METHODS
    }


@pytest.mark.parametrize(
    "view",
    [views.ProductViewSet, views.SkuViewSet, views.ParcelViewSet, make_view()],
    ids=lambda view: view.__name__,
)
@pytest.mark.parametrize("method", METHODS)
def test_stock(view: Any, method: str) -> None:
    assert decide(view, method) == DECIDED


@pytest.mark.parametrize(
    ("name", "methods"),
    [
        ("finalize_response", METHODS),
        ("get_object", (*CHANGES, "DELETE")),
        ("get_success_headers", ("POST",)),
        ("initialize_request", METHODS),
        ("initial", METHODS),
        ("perform_authentication", METHODS),
        ("determine_version", METHODS),
        ("check_permissions", METHODS),
        ("check_object_permissions", METHODS),
        ("get_permissions", METHODS),
        ("get_serializer_class", METHODS),
        ("get_serializer_context", METHODS),
        ("perform_create", ("POST",)),
        ("perform_update", CHANGES),
        ("perform_destroy", ("DELETE",)),
        ("list", ()),
        ("get_queryset", (*CHANGES, "DELETE")),
        ("filter_queryset", (*CHANGES, "DELETE")),
        ("handle_exception", ("POST", "PUT", "PATCH", "DELETE")),
    ],
)
def test_override_in_a_view(name: str, methods: tuple[str, ...]) -> None:
    view = make_view(**override(name))

    reason = f"{name} is overridden by {HERE}.MadeViewSet"
    check(view, dict.fromkeys(methods, reason))


def save_with_owner(self: Any, serializer: Any) -> None:
    """End with it."""
    serializer.save(name=self.request.user)


def save_and_say(self: Any, serializer: Any) -> None:
    """Go on after it."""
    serializer.save()
    self.said = True


def destroy_only(self: Any, instance: Any) -> None:
    """End with it; nobody looks for that."""
    instance.delete()


def test_hooks_that_end_with_save() -> None:
    check(make_view(perform_create=save_with_owner, perform_update=save_with_owner), {})


def test_hooks_that_do_not() -> None:
    view = make_view(
        perform_create=save_and_say,
        perform_update=save_and_say,
        perform_destroy=destroy_only,
    )

    reason = f"{{}} is overridden by {HERE}.MadeViewSet"
    check(
        view,
        {
            "POST": reason.format("perform_create"),
            "PUT": reason.format("perform_update"),
            "PATCH": reason.format("perform_update"),
            "DELETE": reason.format("perform_destroy"),
        },
    )


@pytest.mark.parametrize(
    "name", ["permission_classes", "queryset", "serializer_class", "request"]
)
def test_property(name: str) -> None:
    view = make_view(**{name: property(lambda self: None)})

    reason = f"{name} of {HERE}.MadeViewSet is a property"
    check(view, dict.fromkeys(METHODS, reason))


@pytest.mark.parametrize("name", ["create", "run_validation"])
def test_patch_of_a_class_of_drf(name: str) -> None:
    with mock.patch.object(serializers.ModelSerializer, name, destroy_only):
        [reason] = decide(make_view(), "POST").reasons

    assert reason == (
        f"{name}() is overridden by rest_framework.serializers.ModelSerializer"
    )


def test_patch_of_a_permission_of_drf() -> None:
    with mock.patch.object(permissions.AllowAny, "has_permission"):
        assert decide(make_view(), "POST").reasons == (
            "the permission rest_framework.permissions.AllowAny "
            "is not declared bulk_safe",
        )


def test_patch_of_an_action_of_drf() -> None:
    with mock.patch.object(APIView, "initial", destroy_only):
        assert decide(make_view(), "POST").reasons == (
            "initial is overridden by rest_framework.views.APIView",
        )


def test_lock() -> None:
    reason = "bulk_lock is 'nowait'"

    check(
        make_view(bulk_lock="nowait"),
        dict.fromkeys(("PUT", "PATCH", "DELETE"), reason),
    )


class Own(permissions.BasePermission):
    """Looks at who knows what."""


class Safe(Own):
    """Says that it looks at no operation."""

    bulk_safe = True


OWN = f"the permission {HERE}.Own is not declared bulk_safe"


@pytest.mark.parametrize(
    ("permission", "reason"),
    [
        (permissions.AllowAny, None),
        (permissions.IsAuthenticated, None),
        (permissions.DjangoModelPermissions, None),
        (Own, OWN),
        (Safe, None),
        (permissions.IsAdminUser & Own, OWN),
        (Own | permissions.IsAdminUser, OWN),
        (~Own, OWN),
        (permissions.AllowAny & (Safe | ~Own), OWN),
        (permissions.IsAdminUser & Safe | ~Safe, None),
    ],
)
def test_permissions(permission: Any, reason: str | None) -> None:
    view = make_view(permission_classes=[permissions.AllowAny, permission])

    check(view, dict.fromkeys(METHODS, reason) if reason else {})


@pytest.mark.parametrize(
    "members",
    [
        {"permission_classes": [Own]},
        override("initial"),
        override("get_permissions"),
        override("get_serializer_class"),
        override("get_serializer_context"),
        override("check_permissions"),
        {"serializer_class": make_serializer(**override("validate"))},
        {"serializer_class": make_serializer(**override("to_representation"))},
    ],
)
def test_replayable(members: dict[str, Any]) -> None:
    """Its code may run twice, so it may also run beforehand."""
    assert decide(make_view(**members), "POST").depth is Depth.SINGLY

    check(make_view(**members, bulk_replayable=True), {})


@pytest.mark.parametrize(
    ("members", "reasons"),
    [
        (
            {"bulk_lock": "wait"},
            dict.fromkeys(("PUT", "PATCH", "DELETE"), "bulk_lock is 'wait'"),
        ),
        (
            {"perform_create": save_and_say},
            {"POST": f"perform_create is overridden by {HERE}.MadeViewSet"},
        ),
        (
            override("finalize_response"),
            dict.fromkeys(
                METHODS, f"finalize_response is overridden by {HERE}.MadeViewSet"
            ),
        ),
        (
            override("get_object"),
            dict.fromkeys(
                ("PUT", "PATCH", "DELETE"),
                f"get_object is overridden by {HERE}.MadeViewSet",
            ),
        ),
        (
            {"serializer_class": make_serializer(**override("save"))},
            dict.fromkeys(SAVES, f"save() is overridden by {HERE}.MadeSerializer"),
        ),
    ],
)
def test_what_replaying_does_not_allow(
    members: dict[str, Any], reasons: dict[str, str]
) -> None:
    check(make_view(**members, bulk_replayable=True), reasons)


class SlugField(serializers.SlugField):
    """A field of one's own."""


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        (override("validate"), "validate() is overridden by {}"),
        (override("run_validation"), "run_validation() is overridden by {}"),
        (override("to_internal_value"), "to_internal_value() is overridden by {}"),
        (override("to_representation"), "to_representation() is overridden by {}"),
        ({"validate_sku": lambda self, value: value}, "validate_sku() of {} validates"),
        ({"sku": SlugField()}, f"the field 'sku' is a {HERE}.SlugField"),
        ({"sku": serializers.SlugField()}, None),
        (
            {"name": serializers.SerializerMethodField("show")},
            f"the field 'name' is a {DRF}.SerializerMethodField",
        ),
        (
            {"category": shop.CategorySerializer()},
            f"the field 'category' is a {SHOP}.CategorySerializer",
        ),
        (override("save"), "save() is overridden by {}"),
        (override("is_valid"), "is_valid() is overridden by {}"),
        ({"data": property(lambda self: {})}, "data() is overridden by {}"),
        (override("get_fields"), "MadeSerializer takes part in building its fields"),
        (override("__init__"), "MadeSerializer takes part in building its fields"),
    ],
)
def test_serializer(members: dict[str, Any], reason: str | None) -> None:
    view = make_view(serializer=make_serializer(**members))

    reason = reason and reason.format(f"{HERE}.MadeSerializer")
    check(view, dict.fromkeys(SAVES, reason) if reason else {})


def test_serializer_that_creates_or_updates() -> None:
    path = f"{HERE}.MadeSerializer"
    creating = make_view(serializer=make_serializer(**override("create")))
    updating = make_view(serializer=make_serializer(**override("update")))

    check(creating, {"POST": f"create() is overridden by {path}"})
    check(updating, dict.fromkeys(CHANGES, f"update() is overridden by {path}"))


def test_serializer_of_no_model() -> None:
    class PlainSerializer(serializers.Serializer[Any]):
        pass

    view = make_view(serializer=PlainSerializer)
    path = f"{HERE}.test_serializer_of_no_model.<locals>.PlainSerializer"

    check(view, dict.fromkeys(SAVES, f"{path} is no ModelSerializer"))


def test_no_model() -> None:
    view = make_view(queryset=None, serializer_class=None)

    check(view, dict.fromkeys(METHODS, "the viewset names no model"))


@pytest.mark.parametrize(
    ("signal", "sender", "methods", "reason"),
    [
        ("pre_save", Product, SAVES, "pre_save has a receiver"),
        ("post_save", Product, SAVES, "post_save has a receiver"),
        ("pre_save", None, SAVES, "pre_save has a receiver"),
        ("pre_delete", Product, ("DELETE",), "pre_delete has a receiver"),
        ("post_delete", Product, ("DELETE",), "post_delete has a receiver"),
        ("m2m_changed", Product.tags.through, SAVES, "m2m_changed has a receiver"),
        (
            "post_delete",
            Product.tags.through,
            ("DELETE",),
            "post_delete has a receiver (shop.Product_tags)",
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


def build_model(*bases: Any, meta: dict[str, Any] | None = None, **members: Any) -> Any:
    """Return a model that no other knows of; to be called with apps isolated."""
    options = type("Meta", (), {"app_label": "shop", **(meta or {})})
    return type(
        "Made",
        bases or (models.Model,),
        {"__module__": HERE, "Meta": options, "__qualname__": "Made"} | members,
    )


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
            f"the field 'name' is a {HERE}.OwnCharField",
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


def do_as_we_like(collector: Any, field: Any, rows: Any, using: str) -> None:
    """Do what a project likes."""


OnDelete = Callable[..., Any]


@pytest.mark.parametrize(
    ("on_delete", "further", "reason"),
    [
        (models.CASCADE, None, ""),
        (models.PROTECT, None, ""),
        (models.RESTRICT, None, ""),
        (models.DO_NOTHING, None, ""),
        (models.SET_NULL, None, ""),
        (models.SET_DEFAULT, None, ""),
        (
            models.SET(None),
            None,
            "set_on_delete of shop.Child has a say in what is deleted",
        ),
        (
            do_as_we_like,
            None,
            "do_as_we_like of shop.Child has a say in what is deleted",
        ),
        (models.CASCADE, models.CASCADE, ""),
        (models.CASCADE, models.SET_NULL, ""),
        (
            models.CASCADE,
            models.PROTECT,
            "PROTECT of shop.Grandchild has a say in what is deleted",
        ),
        (
            models.CASCADE,
            models.DO_NOTHING,
            "DO_NOTHING of shop.Grandchild has a say in what is deleted",
        ),
        (models.SET_NULL, models.PROTECT, ""),
    ],
)
@isolate_apps("tests.shop")
def test_what_is_deleted_with_it(
    on_delete: OnDelete, further: OnDelete | None, reason: str
) -> None:
    model = build_model(name=models.CharField(max_length=9))
    child = build_child("Child", model, on_delete)
    if further is not None:
        build_child("Grandchild", child, further)

    check(make_view(model=model), {"DELETE": reason} if reason else {})


@isolate_apps("tests.shop")
def test_a_cascade_that_comes_back() -> None:
    model = build_model(name=models.CharField(max_length=9))
    child = build_child("Child", model, models.CASCADE)
    field = models.ForeignKey(child, models.CASCADE, null=True, default=None)
    field.contribute_to_class(model, "favourite")

    reason = "deleting one shop.Made may delete another"
    check(make_view(model=model), {"DELETE": reason})


@isolate_apps("tests.shop")
def test_receivers_of_what_is_deleted_with_it() -> None:
    def receive(**kwargs: Any) -> None:
        """Hear of it."""

    model = build_model(name=models.CharField(max_length=9))
    child = build_child("Child", model, models.CASCADE)
    other = build_child("Other", model, models.SET_NULL)
    for each in (child, other):
        signals.post_delete.connect(receive, sender=each)
    try:
        check(
            make_view(model=model),
            {"DELETE": "post_delete has a receiver (shop.Child)"},
        )
    finally:
        for each in (child, other):
            signals.post_delete.disconnect(receive, sender=each)


def build_child(name: str, parent: Any, on_delete: OnDelete) -> Any:
    """Return a model that refers to another."""
    field = models.ForeignKey(parent, on_delete, null=True, default=None)
    meta = type("Meta", (), {"app_label": "shop"})
    return type(
        name, (models.Model,), {"__module__": HERE, "parent": field, "Meta": meta}
    )


def test_cascade_and_who_refers() -> None:
    assert get_cascade(Event) == (Event,)
    assert get_cascade(Category) == (Category,)
    assert get_cascade(Product) == (Product, Product.tags.through)
    referring = [each.related_model._meta.label for each in get_referring(Product)]
    assert sorted(referring) == ["shop.Product_tags", "shop.Review", "shop.Shipment"]
    assert get_referring(Parcel) == []
    assert get_referring(Note) == []
