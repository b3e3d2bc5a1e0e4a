"""A flag that is asked in the action."""

from __future__ import annotations

from django.core.cache import cache
from rest_framework.exceptions import PermissionDenied
from waffle import flag_is_active
from waffle.models import Flag

from tests.companions.places import Place, make_viewset

PACKAGES = ("django-waffle",)
APPS = ("waffle",)
MIDDLEWARE = ("waffle.middleware.WaffleMiddleware",)
FILLS = ("waffle_flag",)


class City(Place):
    pass


class _Asking:
    def perform_destroy(self, instance):
        if not flag_is_active(self.request, "deleting"):
            raise PermissionDenied
        super().perform_destroy(instance)


CityViewSet = make_viewset(City, None, _Asking)


def clean() -> None:
    Flag.objects.create(name="deleting", everyone=True)


def check(client) -> None:
    Flag.objects.update(everyone=False)
    cache.clear()
    assert client.delete("/cities/1/").status_code == 403
    assert client.delete("/cities/bulk/", [1, 2]).status_code == 207
    assert City.objects.filter(pk__in=[1, 2]).count() == 2
