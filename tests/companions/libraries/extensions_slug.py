"""A slug, and times of creation and change, by django-extensions."""

from __future__ import annotations

from django_extensions.db.fields import AutoSlugField
from django_extensions.db.models import TimeStampedModel

from tests.companions.places import Place, make_serializer

PACKAGES = ("django-extensions",)
APPS = ("django_extensions",)


class City(TimeStampedModel, Place):
    slug = AutoSlugField(populate_from=["population"])


CitySerializer = make_serializer(City, "slug", "created", "modified")
