"""A serializer of a dataclass, which is written to the model by hand."""

from __future__ import annotations

from dataclasses import dataclass

from rest_framework_dataclasses.serializers import DataclassSerializer

from tests.companions.places import Place, make_viewset

PACKAGES = ("djangorestframework-dataclasses",)


class City(Place):
    pass


@dataclass
class CityData:
    name: str = ""
    population: int = 0
    id: int | None = None


class CitySerializer(DataclassSerializer):
    class Meta:
        dataclass = CityData
        read_only_fields = ["id"]

    def save(self, **kwargs):
        city = self.instance or City()
        for name in ("name", "population"):
            if not self.partial or name in self.initial_data:
                setattr(city, name, getattr(self.validated_data, name))
        city.save()
        self.instance = city
        return city


CityViewSet = make_viewset(City, CitySerializer)
bad = ({"name": []}, {"population": "many"}, {"name": "Bad", "population": "x"})


def make(number: int) -> dict[str, object]:
    return {"name": f"City {number}", "population": number}
