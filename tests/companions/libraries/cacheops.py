"""Querysets in Redis, let go of when their rows change."""

from __future__ import annotations

import redis
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.companions.places import Place

PACKAGES = ("django-cacheops", "redis")
APPS = ("cacheops",)
NEEDS = ("redis",)
SETTINGS = {
    "CACHEOPS_REDIS": "redis://127.0.0.1:6379/13",
    "CACHEOPS": {"companions.*": {"ops": "all", "timeout": 60}},
}
NOTE = "Its cache is not compared, but what is read through it."


class City(Place):
    pass


def clean() -> None:
    redis.Redis.from_url(settings.CACHEOPS_REDIS).flushdb()


def check(client) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/cities/").status_code == 200
        return sum("companions_city" in each["sql"] for each in queries)

    assert [count(), count()] == [1, 0]
    client.patch("/cities/bulk/", [{"id": 1, "population": 5}])
    assert [count(), count()] == [1, 0]
