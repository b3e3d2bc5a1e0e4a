"""Viewsets that are run singly: what takes part in each of their operations."""

from __future__ import annotations

import time
from typing import Any, Final

from rest_framework import permissions, serializers
from rest_framework.routers import SimpleRouter

from multistatus_app.viewsets import BulkModelViewSet
from tests.benchmarks.contenders.endpoints import HookedViewSet, ProductViewSet
from tests.shop.models import Category, Product

SLOW: Final = 0.010
"""Seconds of CPU that the slow viewset takes beside what the others take."""


class CategorySerializer(serializers.ModelSerializer[Category]):
    """One unique field."""

    class Meta:
        model = Category
        fields = ["id", "name"]


class LightViewSet(BulkModelViewSet):
    """The lightest there is."""

    queryset = Category.objects.all()
    serializer_class = CategorySerializer


class ShowingSerializer(serializers.ModelSerializer[Product]):
    """Shows a related row, and something computed."""

    category = CategorySerializer(read_only=True)
    category_id = serializers.PrimaryKeyRelatedField(
        queryset=Category.objects.all(), source="category"
    )
    label = serializers.SerializerMethodField()

    class Meta:
        model = Product
        fields = ["id", "sku", "name", "price", "category", "category_id", "label"]

    def get_label(self, product: Product) -> str:
        """Compute it."""
        return f"{product.sku} {product.category.name}"


class ShowingViewSet(BulkModelViewSet):
    """Nested rows and method fields."""

    queryset = Product.objects.select_related("category")
    serializer_class = ShowingSerializer


class Anybody(permissions.BasePermission):
    """A permission of the project's own."""

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        """Permit it."""
        return obj.stock >= 0


class CheckedViewSet(ProductViewSet):
    """An overridden action, a permission, and a queryset of the request's."""

    permission_classes = [Anybody]

    def get_queryset(self) -> Any:
        """Show what is there."""
        return Product.objects.filter(stock__gte=0)

    def create(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Check something, then do it."""
        assert request.data
        return super().create(request, *args, **kwargs)


class SlowViewSet(LightViewSet):
    """Takes 10 ms for each request."""

    def perform_create(self, serializer: Any) -> None:
        """Work, then save."""
        until = time.process_time() + SLOW
        while time.process_time() < until:
            pass
        serializer.save()


VIEWSETS: Final[dict[str, Any]] = {
    "light": LightViewSet,
    "stock": ProductViewSet,
    "hooked": HookedViewSet,
    "checked": CheckedViewSet,
    "showing": ShowingViewSet,
    "slow": SlowViewSet,
}
router = SimpleRouter()
for name, viewset in VIEWSETS.items():
    router.register(name, viewset, basename=name)
urlpatterns = router.urls
