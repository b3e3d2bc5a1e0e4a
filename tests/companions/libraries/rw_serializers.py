"""A serializer to read with, and another to write with."""

from __future__ import annotations

from drf_rw_serializers.viewsets import ModelViewSet
from rest_framework import serializers

from tests.companions.places import Place, make_serializer, make_viewset

PACKAGES = ("drf-rw-serializers",)


class City(Place):
    pass


def _double(self, city):
    return city.population * 2


ReadSerializer = make_serializer(
    City, "double", double=serializers.SerializerMethodField(), get_double=_double
)
CityViewSet = make_viewset(
    City,
    base=ModelViewSet,
    serializer_class=None,
    read_serializer_class=ReadSerializer,
    write_serializer_class=make_serializer(City),
)
