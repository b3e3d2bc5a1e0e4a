"""Viewsets for hostile bodies: open ones, and one that refuses whoever comes."""

from __future__ import annotations

from typing import Any

from django.urls import include, path
from rest_framework import mixins, permissions, serializers
from rest_framework.routers import SimpleRouter

from multistatus_app.mixins import BulkModelMixin
from multistatus_app.viewsets import BulkModelViewSet
from tests.shop import views
from tests.shop.models import Event, Product
from tests.shop.serializers import (
    EventSerializer,
    LineSerializer,
    OrderSerializer,
    ProductSerializer,
)

WIDE = 40
"""How many fields the widest serializer requires."""


class EventViewSet(BulkModelViewSet):
    """Takes any text, and any whole number as its key."""

    queryset = Event.objects.all()
    serializer_class = EventSerializer


class ClosedViewSet(EventViewSet):
    """Refuses who is not authenticated."""

    permission_classes = [permissions.IsAuthenticated]


class BuggyViewSet(EventViewSet):
    """Fails whatever comes, with a traceback."""

    def perform_create(self, serializer: serializers.BaseSerializer[Any]) -> None:
        """Fail."""
        raise RuntimeError("bug")


class LooseViewSet(BulkModelViewSet):
    """Takes whatever stands in a path as its key."""

    queryset = Product.objects.all()
    serializer_class = ProductSerializer
    lookup_field = "sku"
    lookup_value_regex = ".+"


class NothingViewSet(BulkModelMixin, mixins.CreateModelMixin):
    """Has no model: only its serializer costs."""

    queryset = None
    serializer_class = OrderSerializer


class BasketSerializer(OrderSerializer):
    """Messages that echo what was sent, and members that the client names."""

    size = serializers.ListField(
        child=serializers.ChoiceField(choices=["small", "large"]), required=False
    )
    code = serializers.RegexField(r"^(?:[a-z]+\d)+$", required=False)
    bags = serializers.DictField(
        child=serializers.ListField(child=serializers.IntegerField()), required=False
    )
    inner = LineSerializer(many=True, required=False)


class BasketViewSet(NothingViewSet):
    """Every way to amplify a message."""

    serializer_class = BasketSerializer


def _make_wide() -> type[serializers.Serializer[Any]]:
    fields = {f"field_{each}": serializers.IntegerField() for each in range(WIDE)}
    return type("WideSerializer", (serializers.Serializer,), fields)


class WideViewSet(NothingViewSet):
    """Requires many fields, of which none is sent."""

    serializer_class = _make_wide()


router = SimpleRouter()
router.register("events", EventViewSet, basename="event")
router.register("closed", ClosedViewSet, basename="closed")
router.register("loose", LooseViewSet, basename="loose")
router.register("baskets", BasketViewSet, basename="basket")
router.register("wide", WideViewSet, basename="wide")
router.register("products", views.ProductViewSet, basename="product")
router.register("bugs", BuggyViewSet, basename="bug")

urlpatterns = [
    path("", include(router.urls)),
    path("of/<str:tenant>/", include(router.urls)),
]
