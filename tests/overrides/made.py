"""Viewsets, serializers and models with overrides of a test's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import models
from rest_framework import serializers

from multistatus_app.overrides.decisions import Decision, Depth, decide
from multistatus_app.viewsets import BulkModelViewSet
from tests.shop.models import Product

METHODS = ("POST", "PUT", "PATCH", "DELETE")
CHANGES = ("PUT", "PATCH")
SAVES = ("POST", *CHANGES)
DECIDED = Decision(depth=Depth.SETS, reasons=())
HERE = __name__


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


def build_model(*bases: Any, meta: dict[str, Any] | None = None, **members: Any) -> Any:
    """Return a model that no other knows of; to be called with apps isolated."""
    options = type("Meta", (), {"app_label": "shop", **(meta or {})})
    return type(
        "Made",
        bases or (models.Model,),
        {"__module__": HERE, "Meta": options, "__qualname__": "Made"} | members,
    )


OnDelete = Callable[..., Any]


def build_child(name: str, parent: Any, on_delete: OnDelete) -> Any:
    """Return a model that refers to another."""
    field = models.ForeignKey(parent, on_delete, null=True, default=None)
    meta = type("Meta", (), {"app_label": "shop"})
    return type(
        name, (models.Model,), {"__module__": HERE, "parent": field, "Meta": meta}
    )
