"""Tokens in a table, each of which notes when it expires."""

from __future__ import annotations

from knox.models import AuthToken
from rest_framework.permissions import IsAuthenticated

from tests.companions.places import Place, make_viewset

PACKAGES = ("django-rest-knox",)
APPS = ("knox",)
REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": ["knox.auth.TokenAuthentication"]}
SETTINGS = {"REST_KNOX": {"AUTO_REFRESH": True}}
FILLS = ("knox_authtoken",)
VOLATILE = (
    "knox_authtoken.digest",
    "knox_authtoken.token_key",
    "knox_authtoken.salt",
)


class City(Place):
    pass


CityViewSet = make_viewset(City, permission_classes=[IsAuthenticated])


def log_in(client, user) -> None:
    client.logout()
    _, token = AuthToken.objects.create(user)
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")


def check(client) -> None:
    client.credentials()
    for path, data in (("/cities/", {}), ("/cities/bulk/", [{}])):
        assert client.post(path, data).status_code in (401, 403)
