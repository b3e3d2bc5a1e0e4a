"""Names in camelCase, in requests and answers."""

from __future__ import annotations

from django.db import models
from djangorestframework_camel_case.util import camelize

from tests.companions.places import Place, make_serializer, make_viewset

PACKAGES = ("djangorestframework-camel-case",)
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": [
        "djangorestframework_camel_case.render.CamelCaseJSONRenderer"
    ],
    "DEFAULT_PARSER_CLASSES": [
        "djangorestframework_camel_case.parser.CamelCaseJSONParser"
    ],
}
LINE = "`get_bulk_pointer()`, so that pointers of errors have the names that were sent"


class City(Place):
    country_code = models.CharField(max_length=2, default="FI")


class _Pointing:
    def get_bulk_pointer(self, path):
        [*names] = (
            next(iter(camelize({each: 0}))) if isinstance(each, str) else each
            for each in path
        )
        return super().get_bulk_pointer(tuple(names))


CityViewSet = make_viewset(City, make_serializer(City, "country_code"), _Pointing)
bad = ({"name": ""}, {"name": "Bad", "countryCode": "FIN"}, {"countryCode": None})


def make(number: int) -> dict[str, object]:
    return {"name": f"City {number}", "countryCode": "SE"}


def change(number: int) -> dict[str, object]:
    return {"countryCode": "NO"}


def point(pointer: str) -> str:
    return pointer.replace("country_code", "countryCode")
