"""A small shop: the models that the tests write to."""

from __future__ import annotations

from django.apps import AppConfig


class ShopConfig(AppConfig):
    """Its one migration makes the tables from the models."""

    name = "tests.shop"
    label = "shop"
    default_auto_field = "django.db.models.BigAutoField"
