"""Answers of the database in Django's cache, let go of when their tables change."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.companions.places import Place

PACKAGES = ("django-cachalot",)
APPS = ("cachalot",)
SETTINGS = {"CACHALOT_ENABLED": True}
VOLATILE = ("caches",)
NOTE = "Its cache is not compared, but what is read through it."


class City(Place):
    pass


def check(client) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/cities/").status_code == 200
        return sum("companions_city" in each["sql"] for each in queries)

    assert [count(), count()] == [1, 0]
    client.patch("/cities/bulk/", [{"id": 1, "population": 5}])
    assert [count(), count()] == [1, 0]
