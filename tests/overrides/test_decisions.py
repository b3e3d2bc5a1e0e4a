"""The depth of a method, and why it is not a deeper one."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import models, transaction
from rest_framework import mixins, serializers, viewsets
from rest_framework.response import Response

from multistatus_app.mixins import BulkModelMixin
from multistatus_app.overrides.decisions import Depth, decide
from multistatus_app.overrides.origins import get_provider
from multistatus_app.overrides.serializers import is_reusable
from multistatus_app.viewsets import BulkModelViewSet
from tests.overrides.made import METHODS, override
from tests.shop import serializers as shop
from tests.shop import views
from tests.shop.models import Category

pytestmark = pytest.mark.once


def make_view(*bases: Any, **members: Any) -> Any:
    """Return a viewset of categories."""
    stock = {
        "__module__": __name__,
        "queryset": Category.objects.all(),
        "serializer_class": shop.CategorySerializer,
    }
    return type("MadeViewSet", bases or (BulkModelViewSet,), stock | members)


@pytest.mark.parametrize("method", METHODS)
def test_stock_viewset_is_not_dispatched(method: str) -> None:
    assert decide(make_view(), method).depth in Depth


@pytest.mark.parametrize(
    ("name", "methods"),
    [
        ("create", ["POST"]),
        ("update", ["PUT", "PATCH"]),
        ("partial_update", ["PATCH"]),
        ("destroy", ["DELETE"]),
        ("get_serializer", ["POST", "PUT", "PATCH"]),
    ],
)
def test_overridden_action_is_dispatched(name: str, methods: list[str]) -> None:
    view = make_view(**override(name))

    decisions = {method: decide(view, method) for method in METHODS}

    reason = f"{name} is overridden by tests.overrides.test_decisions.MadeViewSet"
    assert [
        method for method in METHODS if reason in decisions[method].reasons
    ] == methods
    assert {decisions[method].depth for method in methods} == {Depth.SINGLY}
    assert {decisions[method].reasons[0] for method in methods} == {reason}


@pytest.mark.parametrize(
    ("name", "methods"),
    [
        ("perform_create", ["POST"]),
        ("perform_update", ["PUT", "PATCH"]),
        ("perform_destroy", ["DELETE"]),
    ],
)
def test_overridden_hook(name: str, methods: list[str]) -> None:
    view = make_view(**override(name))
    reason = f"{name} is overridden by tests.overrides.test_decisions.MadeViewSet"

    for method in METHODS:
        decision = decide(view, method)
        assert (reason in decision.reasons) is (method in methods)
        if method in methods:
            assert decision.depth is Depth.SINGLY


@pytest.mark.parametrize(
    "name",
    ["get_queryset", "get_object", "get_permissions", "get_serializer_class",
     "filter_queryset", "get_serializer_context", "initial", "list"],
)  # fmt: skip
def test_what_both_depths_call_is_no_reason_to_dispatch(name: str) -> None:
    view = make_view(**override(name))

    assert all(decide(view, method).depth in Depth for method in METHODS)


def test_override_in_a_mixin_before_or_after_ours() -> None:
    class Loud:
        def create(self, request: Any, *args: Any, **kwargs: Any) -> Any:
            return Response()

    before = make_view(Loud, BulkModelMixin, viewsets.ModelViewSet)
    after = make_view(BulkModelMixin, Loud, viewsets.ModelViewSet)
    hidden = make_view(BulkModelMixin, mixins.CreateModelMixin, Loud)

    assert decide(before, "POST").depth is Depth.SINGLY
    assert decide(after, "POST").depth is Depth.SINGLY
    assert decide(hidden, "POST").depth in Depth


def test_decorated_action_is_dispatched() -> None:
    view = make_view(create=transaction.atomic(mixins.CreateModelMixin.create))

    assert decide(view, "POST").depth is Depth.SINGLY


def test_annotated_action_is_stock() -> None:
    utils = pytest.importorskip("drf_spectacular.utils")

    annotated = utils.extend_schema_view(create=utils.extend_schema(tags=["a"]))(
        make_view()
    )
    described = make_view(
        create=utils.extend_schema(tags=["a"])(override("create")["create"])
    )

    assert decide(annotated, "POST").depth in Depth
    assert decide(described, "POST").depth is Depth.SINGLY


def test_reasons_of_model_and_serializer() -> None:
    class Watched(models.Model):
        class Meta:
            app_label = "depths"

        def __str__(self) -> str:
            return ""

        def save(self, *args: Any, **kwargs: Any) -> None:
            super().save(*args, **kwargs)

    class WatchedSerializer(serializers.ModelSerializer[Any]):
        class Meta:
            model = Watched
            fields = ["id"]

        def create(self, validated_data: Any) -> Any:
            return super().create(validated_data)

    def receive(**kwargs: Any) -> None:
        """Hear of it."""

    view = make_view(queryset=Watched.objects.all(), serializer_class=WatchedSerializer)
    models.signals.post_save.connect(receive, sender=Watched)
    try:
        reasons = {method: decide(view, method).reasons for method in METHODS}
    finally:
        models.signals.post_save.disconnect(receive, sender=Watched)

    path = f"{__name__}.test_reasons_of_model_and_serializer.<locals>"
    saving = {
        f"save() is overridden by {path}.Watched",
        f"post_save is received by {path}.receive",
    }
    creating = f"create() is overridden by {path}.WatchedSerializer"
    assert {creating, *saving} <= set(reasons["POST"])
    assert saving <= set(reasons["PUT"])
    assert creating not in reasons["PATCH"]
    assert not saving & set(reasons["DELETE"])


def test_every_decision_has_a_reason_below_sets() -> None:
    for view in (views.NoteViewSet, views.DispatchViewSet, views.ProductViewSet):
        for method in METHODS:
            decision = decide(view, method)
            assert decision.reasons or decision.depth is Depth.SETS


def test_provider_passes_our_mixin_over() -> None:
    view = make_view()

    assert get_provider(view, "get_object").__module__ == "rest_framework.generics"
    assert get_provider(view, "no_such_name") is None


class StockSerializer(serializers.ModelSerializer[Category]):
    """Stock, with methods that do not build it."""

    label = serializers.SerializerMethodField()

    class Meta:
        model = Category
        fields = ["id", "name", "label"]

    def get_label(self, instance: Category) -> str:
        """Label it."""
        return instance.name

    def validate(self, attrs: Any) -> Any:
        """Look at it."""
        return attrs

    def to_representation(self, instance: Any) -> Any:
        """Show it."""
        return super().to_representation(instance)


@pytest.mark.parametrize(
    "name",
    ["__init__", "__new__", "get_fields", "build_field", "get_extra_kwargs",
     "get_validators", "get_field_names", "include_extra_kwargs", "fields"],
)  # fmt: skip
def test_serializer_that_helps_to_build_itself_is_not_reusable(name: str) -> None:
    assert is_reusable(StockSerializer)
    members = {"__module__": __name__, **override(name)}

    assert not is_reusable(type("Made", (StockSerializer,), members))


def test_serializer_made_by_type_is_not_taken_for_one_of_drf() -> None:
    """DRF's metaclass gives it DRF's module for a name."""
    made = type("Made", (StockSerializer,), override("get_fields"))

    assert made.__module__ == "rest_framework.serializers"
    assert not is_reusable(made)
