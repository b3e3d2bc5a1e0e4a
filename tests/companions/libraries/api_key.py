"""Keys of programs as a permission."""

from __future__ import annotations

from rest_framework_api_key.models import APIKey
from rest_framework_api_key.permissions import HasAPIKey

from tests.companions.places import Place, make_viewset

PACKAGES = ("djangorestframework-api-key",)
APPS = ("rest_framework_api_key",)
REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": []}
VOLATILE = ("rest_framework_api_key_apikey",)


class City(Place):
    pass


CityViewSet = make_viewset(City, permission_classes=[HasAPIKey])


def log_in(client, user) -> None:
    client.logout()
    _, key = APIKey.objects.create_key(name="program")
    client.credentials(HTTP_AUTHORIZATION=f"Api-Key {key}")


def check(client) -> None:
    client.credentials()
    for path, data in (("/cities/", {}), ("/cities/bulk/", [{}])):
        assert client.post(path, data).status_code in (401, 403)
