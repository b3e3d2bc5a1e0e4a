"""Its exception handler words all errors."""

from __future__ import annotations

from tests.companions.places import Place

PACKAGES = ("drf-standardized-errors",)
APPS = ("drf_standardized_errors",)
REST_FRAMEWORK = {
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler"
}
NOTE = "Errors in a batch are worded in our way: `code`, `detail` and pointers."


class City(Place):
    pass
