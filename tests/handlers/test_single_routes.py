"""Which routes are taken for those of single requests, beside one of ours."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import path
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.test import APIClient

from tests.answers import batch, get_results, get_statuses, op
from tests.handlers.viewsets import get_names, make_urlconf, make_view

pytestmark = pytest.mark.django_db


def test_an_action_stands_where_a_list_would(api: APIClient, settings: Any) -> None:
    @action(detail=False, methods=["post"])
    def make(self: Any, request: Any) -> Response:
        response: Response = self.create(request)
        return response

    view = make_view(make=make)
    settings.ROOT_URLCONF = make_urlconf(
        path("things/", view.as_view({"get": "list", "post": "make"})),
        path("things/<int:pk>/", view.as_view({"get": "retrieve"})),
        path("things/batch/", view.as_view({"post": "batch"})),
    )

    response = api.post("/things/batch/", batch(op("POST", data={"name": "a"})))

    assert get_statuses(response) == [201]
    assert get_names() == ["a"]


@pytest.mark.parametrize(
    "prefixes", [["things", "things/old"], ["things/old", "things"]]
)
@pytest.mark.parametrize("slash", ["", "/"])
def test_a_prefix_that_is_part_of_another(
    api: APIClient, settings: Any, prefixes: list[str], slash: str
) -> None:
    """Each route of ours has its own beside it, with slashes or without."""
    seen = []

    def perform_create(self: Any, serializer: Any) -> None:
        seen.append(self.request.path)
        serializer.save()

    view = make_view(perform_create=perform_create, lookup_value_regex="[0-9]+")
    router = SimpleRouter(trailing_slash=slash)  # type: ignore[arg-type]
    for prefix in prefixes:
        router.register(prefix, view, basename=prefix.replace("/", "-"))
    settings.ROOT_URLCONF = make_urlconf(*router.urls)

    hrefs = []
    for prefix in prefixes:
        (result,) = get_results(api.post(f"/{prefix}/bulk{slash}", [{"name": prefix}]))
        hrefs.append(result["href"].replace(str(result["data"]["id"]), "key"))

    assert seen == [f"/{prefix}{slash}" for prefix in prefixes]
    assert hrefs == [f"/{prefix}/key{slash}" for prefix in prefixes]
