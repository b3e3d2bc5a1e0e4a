"""Each save notes which fields were dirty."""

from __future__ import annotations

from dirtyfields import DirtyFieldsMixin
from django.db import models

from tests.companions.places import Place, make_serializer

PACKAGES = ("django-dirtyfields",)


class City(DirtyFieldsMixin, Place):
    changes = models.CharField(max_length=200, default="", editable=False)

    def save(self, *args, **kwargs):
        self.changes = ",".join(sorted(self.get_dirty_fields()))
        super().save(*args, **kwargs)


CitySerializer = make_serializer(City, "changes")
