"""A row of history for each save, with the user of the request."""

from __future__ import annotations

from simple_history.models import HistoricalRecords

from tests.companions.places import Place

PACKAGES = ("django-simple-history",)
APPS = ("simple_history",)
MIDDLEWARE = ("simple_history.middleware.HistoryRequestMiddleware",)
FILLS = ("companions_historicalcity",)


class City(Place):
    history = HistoricalRecords()
