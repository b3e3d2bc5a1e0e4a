"""A library: the models of the differential test."""

from __future__ import annotations

from django.apps import AppConfig


class ParityConfig(AppConfig):
    """Its one migration makes the tables from the models; signals have receivers."""

    name = "tests.parity"
    label = "parity"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the receivers."""
        from tests.parity import receivers

        receivers.connect()
