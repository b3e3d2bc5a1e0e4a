"""A slug that is made of the name, and is unique."""

from __future__ import annotations

from autoslug import AutoSlugField

from tests.companions.places import Place, make_serializer

PACKAGES = ("django-autoslug",)


class City(Place):
    slug = AutoSlugField(populate_from="name", unique=True)


CitySerializer = make_serializer(City, "slug")
