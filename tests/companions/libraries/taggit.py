"""Tags, made as they are named."""

from __future__ import annotations

from rest_framework.serializers import ModelSerializer
from taggit.managers import TaggableManager
from taggit.serializers import TaggitSerializer, TagListSerializerField

from tests.companions.places import Place, make_serializer

PACKAGES = ("django-taggit",)
APPS = ("taggit",)
FILLS = ("taggit_taggeditem",)


class City(Place):
    tags = TaggableManager()


class _Serializer(TaggitSerializer, ModelSerializer):
    pass


CitySerializer = make_serializer(
    City, "tags", base=_Serializer, tags=TagListSerializerField()
)
bad = ({"name": ""}, {"name": "Bad", "tags": {"a": 1}}, {"name": "Bad"})


def make(number: int) -> dict[str, object]:
    return {
        "name": f"City {number}",
        "population": number,
        "tags": ["all", f"tag {number % 7}"],
    }


def change(number: int) -> dict[str, object]:
    return {"tags": [f"tag {number % 5}", "changed"]}
