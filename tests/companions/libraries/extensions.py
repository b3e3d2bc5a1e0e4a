"""Its caches of responses, and entity tags, on the routes that read."""

from __future__ import annotations

from rest_framework_extensions.cache.mixins import CacheResponseMixin

from tests.companions.places import Place, make_viewset

PACKAGES = ("drf-extensions",)


class City(Place):
    pass


CityViewSet = make_viewset(City, None, CacheResponseMixin)
