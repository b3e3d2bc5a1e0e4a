"""Fields that are left out and expanded by the query."""

from __future__ import annotations

from rest_flex_fields import FlexFieldsModelSerializer
from rest_flex_fields.views import FlexFieldsMixin

from tests.companions.places import Place, make_serializer, make_viewset

PACKAGES = ("drf-flex-fields",)


class City(Place):
    pass


CityViewSet = make_viewset(
    City, make_serializer(City, base=FlexFieldsModelSerializer), FlexFieldsMixin
)


def check(client) -> None:
    response = client.patch("/cities/bulk/?omit=population", [{"id": 1}])
    [result] = response.json()["results"]
    assert result["data"] == {"id": 1, "name": "City 1"}
