"""Predicates as permissions for single objects."""

from __future__ import annotations

import rules
from rest_framework.permissions import DjangoObjectPermissions

from tests.companions.places import Place, make_viewset

PACKAGES = ("rules",)
APPS = ("rules",)
SETTINGS = {
    "AUTHENTICATION_BACKENDS": [
        "rules.permissions.ObjectPermissionBackend",
        "django.contrib.auth.backends.ModelBackend",
    ]
}


class City(Place):
    pass


@rules.predicate
def is_not_the_last(user, city) -> bool:
    return city is None or city.pk != 6


rules.add_perm("companions.add_city", rules.is_authenticated)
rules.add_perm("companions.view_city", rules.is_authenticated)
rules.add_perm("companions.change_city", rules.is_authenticated & is_not_the_last)
rules.add_perm("companions.delete_city", rules.is_authenticated & is_not_the_last)


class _Permissions:
    permission_classes = [DjangoObjectPermissions]


CityViewSet = make_viewset(City, None, _Permissions)
