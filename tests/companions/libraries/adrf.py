"""A viewset whose actions are asynchronous."""

from __future__ import annotations

from adrf.serializers import ModelSerializer
from adrf.viewsets import ModelViewSet

from tests.companions.places import Place, make_serializer, make_viewset

PACKAGES = ("adrf",)
LATE = False


class City(Place):
    pass


CityViewSet = make_viewset(
    City, make_serializer(City, base=ModelSerializer), base=ModelViewSet
)
