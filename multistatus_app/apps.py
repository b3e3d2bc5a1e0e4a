"""What the app does once when Django starts."""

from __future__ import annotations

from importlib.util import find_spec

from django.apps import AppConfig


class MultistatusConfig(AppConfig):
    """The app: no models, only checks and what it adds to the OpenAPI document."""

    name = "multistatus_app"

    def ready(self) -> None:
        """Tell drf-spectacular about our routes, if it is there."""
        if find_spec("drf_spectacular") is not None:
            from multistatus_app import openapi  # noqa: F401  # registers itself
