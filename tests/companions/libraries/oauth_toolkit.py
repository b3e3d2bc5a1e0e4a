"""Tokens of OAuth 2 with scopes, by method."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from oauth2_provider.contrib.rest_framework import TokenHasReadWriteScope
from oauth2_provider.models import AccessToken

from tests.companions.places import Place, make_viewset

PACKAGES = ("django-oauth-toolkit",)
APPS = ("oauth2_provider",)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "oauth2_provider.contrib.rest_framework.OAuth2Authentication"
    ]
}


class City(Place):
    pass


CityViewSet = make_viewset(City, permission_classes=[TokenHasReadWriteScope])


def log_in(client, user) -> None:
    client.logout()
    AccessToken.objects.create(
        user=user,
        token="secret",
        scope="read write",
        expires=timezone.now() + timedelta(days=1),
    )
    client.credentials(HTTP_AUTHORIZATION="Bearer secret")


def check(client) -> None:
    AccessToken.objects.update(scope="read")
    assert client.post("/cities/", make(77)).status_code == 403
    assert client.post("/cities/bulk/", [make(77)]).status_code == 403


def make(number: int) -> dict[str, object]:
    return {"name": f"City {number}"}
