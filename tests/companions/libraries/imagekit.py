"""A thumbnail that is made when its picture is saved."""

from __future__ import annotations

import io

from django.core.files.base import ContentFile
from django.dispatch import receiver
from imagekit.models import ImageSpecField, ProcessedImageField
from imagekit.processors import ResizeToFill
from PIL import Image
from rest_framework import serializers

from multistatus_app.signals import undone
from tests.companions.places import Place, make_serializer

PACKAGES = ("django-imagekit", "pillow")
APPS = ("imagekit",)
SETTINGS = {
    "IMAGEKIT_DEFAULT_CACHEFILE_STRATEGY": "imagekit.cachefiles.strategies.Optimistic"
}
LINE = "a receiver of `undone` that deletes the files that no row has"
BETTER = {
    "late/files": "Singly, with `ATOMIC_REQUESTS`, the files of a refused request "
    "stay, and no signal tells of them."
}


class City(Place):
    picture = ProcessedImageField(
        upload_to="pictures",
        processors=[ResizeToFill(16, 16)],
        format="PNG",
        blank=True,
    )
    thumbnail = ImageSpecField(
        source="picture", processors=[ResizeToFill(4, 4)], format="PNG"
    )


class ColourField(serializers.ImageField):
    def to_internal_value(self, data):
        file = io.BytesIO()
        Image.new("RGB", (20, 20), data).save(file, "PNG")
        made = ContentFile(file.getvalue(), name=f"{data.strip('#')}.png")
        return super().to_internal_value(made)


CitySerializer = make_serializer(City, "picture", picture=ColourField(required=False))


@receiver(undone)
def delete_files(sender, instances, **kwargs) -> None:
    for each in instances:
        if isinstance(each, City) and each.picture:
            name = each.picture.name
            if not City.objects.filter(picture=name).exists():
                each.thumbnail.storage.delete(each.thumbnail.name)
                each.picture.storage.delete(name)


def make(number: int) -> dict[str, object]:
    return {"name": f"City {number}", "picture": f"#{number:06}"}


def change(number: int) -> dict[str, object]:
    return {"picture": f"#{number:05}f"}
