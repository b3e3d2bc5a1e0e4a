"""Files go with their rows, and when others take their places."""

from __future__ import annotations

from django.core.files.base import ContentFile
from django.db import models
from django.dispatch import receiver
from rest_framework import serializers

from multistatus_app.signals import undone
from tests.companions.places import Place, make_serializer

PACKAGES = ("django-cleanup",)
APPS_AFTER = ("django_cleanup.apps.CleanupConfig",)
LINE = "a receiver of `undone` that deletes the files that no row has"
BETTER = {
    "late/files": "Singly, with `ATOMIC_REQUESTS`, the files of a refused request "
    "stay, and no signal tells of them."
}


class City(Place):
    text = models.FileField(upload_to="texts", blank=True)


class TextField(serializers.FileField):
    def to_internal_value(self, data):
        # A name that is free again at once would be taken again, singly.
        file = ContentFile(data.encode(), name=f"{data[:1]}{len(data)}.txt")
        return super().to_internal_value(file)


CitySerializer = make_serializer(City, "text", text=TextField(required=False))


@receiver(undone)
def delete_files(sender, instances, **kwargs) -> None:
    for each in instances:
        if isinstance(each, City) and each.text:
            name = each.text.name
            if not City.objects.filter(text=name).exists():
                each.text.storage.delete(name)


def make(number: int) -> dict[str, object]:
    return {"name": f"City {number}", "population": number, "text": "x" * number}


def change(number: int) -> dict[str, object]:
    return {"text": "y" * number}
