"""Time stamps, a status, and a tracker of what has changed."""

from __future__ import annotations

from django.db import models
from model_utils import Choices, FieldTracker
from model_utils.fields import MonitorField
from model_utils.models import StatusModel, TimeStampedModel

from tests.companions.places import Place, make_serializer

PACKAGES = ("django-model-utils",)


class City(TimeStampedModel, StatusModel, Place):
    STATUS = Choices("draft", "shown")
    status_changed = MonitorField(monitor="status")
    changes = models.CharField(max_length=200, default="", blank=True)
    tracker = FieldTracker()

    def save(self, *args, **kwargs):
        self.changes = ",".join(sorted(self.tracker.changed()))
        super().save(*args, **kwargs)


CitySerializer = make_serializer(City, "status", "changes", "created")


def change(number: int) -> dict[str, object]:
    return {"population": number, "status": "shown"}
