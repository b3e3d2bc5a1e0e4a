"""The app's configuration."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig


class MultistatusConfig(AppConfig):
    """Registers the checks and the OpenAPI extension. There are no models."""

    name = "multistatus_app"
    verbose_name = "Multi-Status"

    def ready(self) -> None:
        """Register the checks, and the OpenAPI extension if it can be used."""
        # Not at the top: importing DRF's views needs the models to be loaded.
        from multistatus_app import checks

        checks.register()
        if find_spec("drf_spectacular") is not None:
            import_module("multistatus_app.openapi")  # registers itself
