"""Counts of requests, and of rows that models write."""

from __future__ import annotations

from django_prometheus.models import ExportModelOperationsMixin, model_updates

from tests.companions.places import Place

PACKAGES = ("django-prometheus",)
APPS = ("django_prometheus",)
MIDDLEWARE_FIRST = ("django_prometheus.middleware.PrometheusBeforeMiddleware",)
MIDDLEWARE = ("django_prometheus.middleware.PrometheusAfterMiddleware",)
NOTE = "Its counts of requests have one for a batch; `processed` can count operations."


class City(ExportModelOperationsMixin("city"), Place):
    pass


def check(client) -> None:
    def count() -> float:
        return model_updates.labels("city")._value.get()

    before = count()
    client.patch("/cities/bulk/", [{"id": key, "population": 5} for key in (1, 2)])
    assert count() == before + 2
