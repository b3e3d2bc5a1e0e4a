"""A policy of statements by action, and one that looks at the object."""

from __future__ import annotations

from rest_access_policy import AccessPolicy

from tests.companions.places import Place, make_viewset

PACKAGES = ("drf-access-policy",)


class City(Place):
    pass


class CityPolicy(AccessPolicy):
    statements = [
        {"action": "<safe_methods>", "principal": "*", "effect": "allow"},
        {"action": "create", "principal": "authenticated", "effect": "allow"},
        {
            "action": ["update", "partial_update", "destroy"],
            "principal": "authenticated",
            "effect": "allow",
            "condition": "is_not_the_last",
        },
    ]

    def is_not_the_last(self, request, view, action) -> bool:
        return view.get_object().pk != 6


class _Policy:
    permission_classes = [CityPolicy]


CityViewSet = make_viewset(City, None, _Policy)
