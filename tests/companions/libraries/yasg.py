"""Its schema, which is made without the routes of the batch."""

from __future__ import annotations

from django.urls import path
from drf_yasg import openapi
from drf_yasg.views import get_schema_view

from tests.companions.places import Place

PACKAGES = ("drf-yasg",)
NOTE = "It does not document the routes of a batch; drf-spectacular does."
APPS = ("drf_yasg",)


class City(Place):
    pass


def get_urlpatterns() -> list[object]:
    info = openapi.Info(title="Cities", default_version="v1")
    view = get_schema_view(info, public=True)
    return [path("schema.json", view.without_ui())]


def check(client) -> None:
    paths = client.get("/schema.json", {"format": "openapi"}).json()["paths"]
    assert {"/cities/", "/cities/{id}/"} == {
        each for each in paths if "late" not in each
    }
