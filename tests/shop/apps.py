"""A small shop: the models that the tests write to."""

from __future__ import annotations

from django.apps import AppConfig


class ShopConfig(AppConfig):
    """Has no migrations: the test database is made from the models."""

    name = "tests.shop"
    label = "shop"
    default_auto_field = "django.db.models.BigAutoField"
