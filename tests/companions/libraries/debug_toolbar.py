"""Its middleware and panels, on each request."""

from __future__ import annotations

from django.urls import include, path

from tests.companions.places import Place

PACKAGES = ("django-debug-toolbar",)
NOTE = "It shows a batch as one request."
APPS = ("debug_toolbar",)
MIDDLEWARE_FIRST = ("debug_toolbar.middleware.DebugToolbarMiddleware",)
SETTINGS = {
    "INTERNAL_IPS": ["127.0.0.1"],
    "DEBUG_TOOLBAR_CONFIG": {
        "SHOW_TOOLBAR_CALLBACK": "tests.companions.libraries.debug_toolbar.show",
        "IS_RUNNING_TESTS": False,
    },
}


class City(Place):
    pass


def show(request) -> bool:
    return True


def get_urlpatterns() -> list[object]:
    return [path("__debug__/", include("debug_toolbar.urls"))]
