"""The routes of the demo: the API, its OpenAPI document and pages, the admin."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.routers import DefaultRouter

from demo_project.atlas.viewsets import CityViewSet, CountryViewSet

router = DefaultRouter()
router.register("countries", CountryViewSet)
router.register("cities", CityViewSet)

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="docs")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(), name="docs"),
    path("api/", include(router.urls)),
    path("admin/", admin.site.urls),
]
