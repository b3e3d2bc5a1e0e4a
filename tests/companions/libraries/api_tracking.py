"""A row for each request of the viewset."""

from __future__ import annotations

from rest_framework_tracking.mixins import LoggingMixin

from tests.companions.places import Place, make_viewset

PACKAGES = ("drf-api-tracking",)
APPS = ("rest_framework_tracking",)
FILLS = ("rest_framework_tracking_apirequestlog",)
VOLATILE = (
    "rest_framework_tracking_apirequestlog.response_ms",
    "rest_framework_tracking_apirequestlog.errors",
)
BETTER = {
    "late/[lt]*": "Singly, with `ATOMIC_REQUESTS`, its `finalize_response()` takes the "
    "rollback back, so what a refused request wrote stays. In a batch it is undone.",
}


class City(Place):
    pass


class _Logging(LoggingMixin):
    logging_methods = ["POST", "PUT", "PATCH", "DELETE"]


CityViewSet = make_viewset(City, None, _Logging)
