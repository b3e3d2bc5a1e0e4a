"""A filter backend, which an operation's query goes through."""

from __future__ import annotations

from django_filters.rest_framework import DjangoFilterBackend

from tests.companions.places import Place, make_viewset

PACKAGES = ("django-filter",)
APPS = ("django_filters",)


class City(Place):
    pass


CityViewSet = make_viewset(
    City,
    filter_backends=[DjangoFilterBackend],
    filterset_fields={"population": ["lt", "gt"], "name": ["exact"]},
)


def check(client) -> None:
    operations = [{"method": "PATCH", "key": key, "data": {}} for key in (1, 2)]
    response = client.post(
        "/cities/batch/?name=City%202", {"operations": operations}, format="json"
    )
    assert [each["status"] for each in response.json()["results"]] == [404, 200]
