"""The app of countries and cities."""

from __future__ import annotations

from django.apps import AppConfig


class AtlasConfig(AppConfig):
    """Countries and cities of GeoNames."""

    name = "demo_project.atlas"
