"""Tokens in the header, checked once for a batch."""

from __future__ import annotations

from rest_framework.permissions import IsAuthenticated
from rest_framework_simplejwt.tokens import AccessToken

from tests.companions.places import Place, make_viewset

PACKAGES = ("djangorestframework-simplejwt",)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework_simplejwt.authentication.JWTAuthentication"
    ]
}


class City(Place):
    pass


CityViewSet = make_viewset(City, permission_classes=[IsAuthenticated])


def log_in(client, user) -> None:
    client.logout()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {AccessToken.for_user(user)}")


def check(client) -> None:
    client.credentials()
    for path, data in (("/cities/", {}), ("/cities/bulk/", [{}])):
        assert client.post(path, data).status_code in (401, 403)
