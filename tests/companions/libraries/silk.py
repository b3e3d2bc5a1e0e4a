"""A profile of each request, with its queries, in tables."""

from __future__ import annotations

from django.urls import include, path

from tests.companions.places import Place

PACKAGES = ("django-silk",)
APPS = ("silk",)
MIDDLEWARE = ("silk.middleware.SilkyMiddleware",)
FILLS = ("silk_request",)
DIFFERS = {
    "*/table silk_*": "Its middleware sees a batch as one request, with all statements "
    "of it."
}


class City(Place):
    pass


def get_urlpatterns() -> list[object]:
    return [path("silk/", include("silk.urls", namespace="silk"))]
