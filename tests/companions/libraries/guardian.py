"""Permissions for single objects, given to who has made them."""

from __future__ import annotations

from guardian.shortcuts import assign_perm
from rest_framework.permissions import DjangoObjectPermissions

from tests.companions.places import Place, make_viewset

PACKAGES = ("django-guardian",)
APPS = ("guardian",)
SETTINGS = {
    "AUTHENTICATION_BACKENDS": [
        "django.contrib.auth.backends.ModelBackend",
        "guardian.backends.ObjectPermissionBackend",
    ],
    "GUARDIAN_MONKEY_PATCH_USER": False,
}
FILLS = ("guardian_userobjectpermission",)


class City(Place):
    pass


class CityPermissions(DjangoObjectPermissions):
    def has_permission(self, request, view):
        return request.user.is_authenticated


class _Giving:
    permission_classes = [CityPermissions]

    def perform_create(self, serializer):
        super().perform_create(serializer)
        user, city = self.request.user, serializer.instance
        assign_perm("companions.change_city", user, city)
        # One is not to be deleted.
        if city.pk != 6:
            assign_perm("companions.delete_city", user, city)


CityViewSet = make_viewset(City, None, _Giving)
