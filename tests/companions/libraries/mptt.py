"""A tree whose rows number themselves, and those beside them, on each save."""

from __future__ import annotations

from django.db import models
from mptt.models import MPTTModel, TreeForeignKey

from tests.companions.places import Place, make_serializer

PACKAGES = ("django-mptt",)
APPS = ("mptt",)


class City(MPTTModel, Place):
    parent = TreeForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="children"
    )


CitySerializer = make_serializer(City, "parent", "lft", "rght", "level", "tree_id")
bad = (
    {"name": ""},
    {"name": "Bad", "parent": 9999},
    {"name": "Bad", "parent": "x"},
)


def make(number: int) -> dict[str, object]:
    parent = 1 if number in (12, 14) else None
    return {"name": f"City {number}", "population": number, "parent": parent}
