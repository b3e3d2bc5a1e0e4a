"""A revision for each request, by the middleware."""

from __future__ import annotations

import reversion

from tests.companions.places import Place

PACKAGES = ("django-reversion",)
APPS = ("reversion",)
MIDDLEWARE = ("reversion.middleware.RevisionMiddleware",)
FILLS = ("reversion_version",)
DIFFERS = {
    "[!ad]*/table reversion_*": "The middleware makes one revision of a request, so "
    "one of a batch; a row that is changed twice has one version in it.",
    "atomic/table reversion_*": "What it collects in memory is written at the end of "
    "the request, whatever was undone: versions of rows that never were.",
    "dry run/table reversion_*": "What it collects in memory is written at the end of "
    "the request, whatever was undone: versions of rows that never were.",
}


@reversion.register()
class City(Place):
    pass
