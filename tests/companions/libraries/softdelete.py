"""Rows that stay where they are deleted, by another library."""

from __future__ import annotations

from softdelete.models import SoftDeleteObject

from tests.companions.places import Place

PACKAGES = ("django-softdelete",)
APPS = ("softdelete",)


class City(SoftDeleteObject, Place):
    pass
