"""Every viewset of the shop, under the routers that projects use."""

from __future__ import annotations

from django.urls import include, path
from rest_framework.routers import DefaultRouter, SimpleRouter
from rest_framework_nested.routers import NestedSimpleRouter

from tests.shop import views

router = DefaultRouter()
router.register("categories", views.CategoryViewSet)
router.register("tags", views.TagViewSet)
router.register("products", views.ProductViewSet)
router.register("skus", views.SkuViewSet, basename="sku")
router.register("parcels", views.ParcelViewSet)
router.register("events", views.EventViewSet)
router.register("read-only", views.ReadOnlyViewSet, basename="read-only")
router.register("patch-only", views.PatchOnlyViewSet, basename="patch-only")
router.register("notes", views.NoteViewSet)
router.register("dispatch", views.DispatchViewSet, basename="dispatch")
router.register("raising", views.RaisingViewSet, basename="raising")
router.register("orders", views.OrderViewSet, basename="order")
router.register("guarded", views.DjangoPermissionsViewSet, basename="guarded")

converting = SimpleRouter(trailing_slash=False, use_regex_path=False)
converting.register("products", views.ProductViewSet, basename="product")

parents = SimpleRouter()
parents.register("categories", views.CategoryViewSet, basename="nested-category")
nested = NestedSimpleRouter(parents, "categories", lookup="category")
nested.register("products", views.NestedProductViewSet, basename="nested-product")

urlpatterns = [
    path("api/", include(router.urls)),
    path("v2/", include((converting.urls, "v2"))),
    path("nested/", include(nested.urls)),
]
