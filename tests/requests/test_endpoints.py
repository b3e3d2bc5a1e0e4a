from __future__ import annotations

import pytest
from rest_framework import mixins, serializers, viewsets
from rest_framework.viewsets import GenericViewSet

from multistatus_app.requests.endpoints import (
    BULK_ACTIONS,
    SINGLE_ACTIONS,
    get_key_name,
    get_kind,
    get_model,
    get_offered_methods,
)
from multistatus_app.views import BulkView
from tests.shop import models, views
from tests.shop import serializers as shop

pytestmark = pytest.mark.once


def test_names():
    assert SINGLE_ACTIONS == {
        "POST": "create",
        "PUT": "update",
        "PATCH": "partial_update",
        "DELETE": "destroy",
    }
    assert sorted(BULK_ACTIONS) == ["batch", "bulk"]


class Destroying(mixins.DestroyModelMixin, mixins.CreateModelMixin, GenericViewSet):
    pass


class Putting(viewsets.ModelViewSet):
    http_method_names = ("put", "get")


@pytest.mark.parametrize(
    ("viewset", "methods"),
    [
        (viewsets.ModelViewSet, ("POST", "PUT", "PATCH", "DELETE")),
        (viewsets.ReadOnlyModelViewSet, ()),
        (Destroying, ("POST", "DELETE")),
        (Putting, ("PUT",)),
    ],
)
def test_offered_methods(viewset, methods):
    assert get_offered_methods(viewset) == methods
    assert get_offered_methods(viewset()) == methods


def test_offered_methods_of_a_route():
    """`as_view(http_method_names=…)` restricts one route."""
    viewset = viewsets.ModelViewSet(http_method_names=["patch"])

    assert get_offered_methods(viewset) == ("PATCH",)


class BySerializer(viewsets.GenericViewSet):
    serializer_class = shop.ParcelSerializer


class Neither(viewsets.GenericViewSet):
    serializer_class = serializers.Serializer

    def get_queryset(self):
        raise AssertionError("No hook is run.")


@pytest.mark.parametrize(
    ("viewset", "model"),
    [
        (views.ProductViewSet, models.Product),
        (BySerializer, models.Parcel),
        (Neither, None),
        (viewsets.GenericViewSet, None),
    ],
)
def test_model(viewset, model):
    assert get_model(viewset) is model
    assert get_model(viewset()) is model


class ByOther(BySerializer):
    lookup_field = "owner__name"


class ByUserPk(viewsets.GenericViewSet):
    queryset = models.Category.objects.all()
    lookup_url_kwarg = "category"


@pytest.mark.parametrize(
    ("viewset", "name"),
    [
        (views.ProductViewSet, "id"),
        (views.SkuViewSet, "sku"),
        (BySerializer, "id"),
        (ByOther, "owner__name"),
        (ByUserPk, "id"),
        (Neither, "pk"),
    ],
)
def test_key_name(viewset, name):
    assert get_key_name(viewset) == name
    assert get_key_name(viewset()) == name


@pytest.mark.parametrize("kind", ["bulk", "batch"])
def test_kind(kind):
    view = views.EventViewSet.as_view({"post": kind})

    assert get_kind(view.cls) == kind
    assert get_kind(view.cls()) == kind


def test_kind_of_something_else():
    class Kinds(viewsets.ModelViewSet):
        bulk_kind = "wholesale"

    for view in (Kinds, Kinds(), views.EventViewSet, BulkView, None):
        assert get_kind(view) is None
