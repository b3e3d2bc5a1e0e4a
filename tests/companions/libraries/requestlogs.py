"""A line in the log for each request, by middleware and exception handler."""

from __future__ import annotations

from tests.companions.libraries._requestlogs import stored
from tests.companions.places import Place

PACKAGES = ("django-requestlogs",)
NOTE = "It logs a batch as one request."
APPS = ("requestlogs",)
MIDDLEWARE = (
    "requestlogs.middleware.RequestLogsMiddleware",
    "requestlogs.middleware.RequestIdMiddleware",
)
SETTINGS = {
    "REQUESTLOGS": {"STORAGE_CLASS": "tests.companions.libraries._requestlogs.Storage"}
}
REST_FRAMEWORK = {"EXCEPTION_HANDLER": "requestlogs.views.exception_handler"}


class City(Place):
    pass


def check(client) -> None:
    stored.clear()
    client.post("/cities/bulk/", [{"name": "Oulu"}, {"name": "Turku"}])
    assert len(stored) == 1
