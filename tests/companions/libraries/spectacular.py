"""Its schema is made with the routes of the batch in it."""

from __future__ import annotations

from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from tests.companions.places import Place

PACKAGES = ("drf-spectacular",)
APPS = ("drf_spectacular",)
REST_FRAMEWORK = {"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema"}


class City(Place):
    pass


def get_urlpatterns() -> list[object]:
    return [path("schema/", SpectacularAPIView.as_view())]


def check(client) -> None:
    paths = client.get("/schema/?format=json").json()["paths"]
    answers = paths["/cities/bulk/"]["patch"]["responses"]
    assert "207" in answers
