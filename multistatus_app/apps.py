"""What the app does once when Django starts."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig


class MultistatusConfig(AppConfig):
    """The app: no models, only checks and what it adds to the OpenAPI document."""

    name = "multistatus_app"
    verbose_name = "Multi-Status"

    def ready(self) -> None:
        """Register the checks, and our routes with drf-spectacular if it is there."""
        # Not at the top: DRF's views need the models, which are loaded by now.
        from multistatus_app import checks

        checks.register()
        if find_spec("drf_spectacular") is not None:
            import_module("multistatus_app.openapi")  # registers itself
