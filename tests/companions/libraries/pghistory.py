"""An event for each change, by triggers, with the request as its context."""

from __future__ import annotations

import sys

import pghistory
from django.core.management import call_command

from tests.companions.places import Place

PACKAGES = ("django-pghistory",)
APPS = ("pgtrigger", "pghistory")
MIDDLEWARE = ("pghistory.middleware.HistoryMiddleware",)
VENDORS = ("postgresql",)
MIGRATES = ("pghistory",)
DIFFERS = {
    "*/table pghistory_context": "Its middleware sees a batch as one request, so the "
    "events of a batch have one context, with the path of the batch.",
}
FILLS = ("companions_cityevent",)


# It looks for the models of an app where they mostly are.
sys.modules["tests.companions.models"] = sys.modules[__name__]


@pghistory.track()
class City(Place):
    pass


def make_tables() -> None:
    call_command("pgtrigger", "install", verbosity=0)
