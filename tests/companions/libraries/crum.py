"""The user of the request, kept in the thread, who is written to rows."""

from __future__ import annotations

import crum
from django.conf import settings
from django.db import models

from tests.companions.places import Place, make_serializer

PACKAGES = ("django-crum",)
MIDDLEWARE = ("crum.CurrentRequestUserMiddleware",)


class City(Place):
    editor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, editable=False
    )

    def save(self, *args, **kwargs):
        self.editor = crum.get_current_user()
        super().save(*args, **kwargs)


CitySerializer = make_serializer(City, "editor")
