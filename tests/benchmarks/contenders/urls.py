"""Where the contenders answer."""

from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from tests.benchmarks.contenders import listed, naive, packages, raw
from tests.benchmarks.contenders.endpoints import HookedViewSet, ProductViewSet

router = SimpleRouter()
router.register("products", ProductViewSet)
router.register("hooked", HookedViewSet, basename="hooked")
urlpatterns = [
    *router.urls,
    path("naive/", naive.loop),
    path("listed/", listed.write),
    path("raw/", raw.write),
    *packages.urlpatterns,
]
