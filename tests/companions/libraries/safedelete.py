"""Rows are marked as deleted, and hidden by the manager."""

from __future__ import annotations

from safedelete import SOFT_DELETE_CASCADE
from safedelete.models import SafeDeleteModel

from tests.companions.places import Place

PACKAGES = ("django-safedelete",)
APPS = ("safedelete",)


class City(SafeDeleteModel, Place):
    _safedelete_policy = SOFT_DELETE_CASCADE
