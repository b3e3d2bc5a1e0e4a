"""A revision for each request to the viewset, with the version of each row."""

from __future__ import annotations

import reversion
from reversion.views import RevisionMixin

from tests.companions.places import Place, make_viewset

PACKAGES = ("django-reversion",)
APPS = ("reversion",)
FILLS = ("reversion_version",)
VOLATILE = ("reversion_revision.date_created",)


@reversion.register()
class City(Place):
    pass


CityViewSet = make_viewset(City, None, RevisionMixin)
