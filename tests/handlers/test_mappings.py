"""The methods that a router or urls.py maps, and the actions that they lead to."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import include, path
from rest_framework.response import Response
from rest_framework.routers import DynamicRoute, Route, SimpleRouter
from rest_framework.test import APIClient

from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_results, get_statuses, op
from tests.conftest import Serve
from tests.factories import CategoryFactory
from tests.handlers.viewsets import get_names, make_urlconf, make_view

pytestmark = pytest.mark.django_db


@pytest.fixture(params=[1, None], ids=["sets", "singly"])
def sets(request: pytest.FixtureRequest, settings: Any) -> None:
    """Make sets of any size, or none."""
    settings.MULTISTATUS = {"MIN_SET_SIZE": request.param}


class ArchivingViewSet(BulkModelViewSet):
    """Has an action that takes the place of a deletion."""

    def archive(self, request: Any, **kwargs: Any) -> Response:
        """Keep it."""
        instance = self.get_object()
        return Response({"archived": instance.pk, "action": self.action})

    def merge(self, request: Any, **kwargs: Any) -> Response:
        """Make nothing."""
        return Response({"merged": request.data["name"]}, status=202)


class OtherRouter(SimpleRouter):
    """Maps less, and otherwise."""

    routes = [
        Route("^{prefix}/$", {"get": "list", "post": "merge"}, "{basename}-list",
              False, {"suffix": "List"}),
        DynamicRoute("^{prefix}/{url_path}/$", "{basename}-{url_name}", False, {}),
        Route("^{prefix}/{lookup}/$", {"get": "retrieve", "delete": "archive"},
              "{basename}-detail", True, {"suffix": "Instance"}),
    ]  # fmt: skip


BY_HAND = [
    lambda view: path("things/", view.as_view({"post": "merge"}), name="thing-list"),
    lambda view: path("things/batch/", view.as_view({"post": "batch"})),
    lambda view: path(
        "things/<int:pk>/", view.as_view({"delete": "archive"}), name="thing-detail"
    ),
]


@pytest.mark.usefixtures("sets")
class TestMappings:
    """The routes say which methods there are, and what they lead to."""

    @pytest.mark.parametrize("by_hand", [False, True])
    def test_other_actions(
        self, api: APIClient, serve: Serve, settings: Any, by_hand: bool
    ) -> None:
        view = make_view(ArchivingViewSet)
        if by_hand:
            settings.ROOT_URLCONF = make_urlconf(*(each(view) for each in BY_HAND))
        else:
            serve(view, OtherRouter())
        row = CategoryFactory()

        response = api.post(
            "/things/batch/",
            batch(
                op("POST", data={"name": "a"}),
                op("PATCH", row.pk, {"name": "b"}),
                op("PUT", row.pk, {"name": "c"}),
                op("DELETE", row.pk),
            ),
        )

        results = get_results(response)
        assert [each["status"] for each in results] == [202, 405, 405, 200]
        assert results[0]["data"] == {"merged": "a"}
        assert results[3]["data"] == {"archived": row.pk, "action": "archive"}
        assert get_names() == [row.name]

    def test_bulk_offers_no_more(self, api: APIClient, serve: Serve) -> None:
        serve(make_view(ArchivingViewSet), OtherRouter())
        row = CategoryFactory()

        refused = api.patch("/things/bulk/", [{"id": row.pk, "name": "b"}])
        archived = api.delete("/things/bulk/", [row.pk])

        assert (refused.status_code, refused["Allow"]) == (405, "POST, DELETE, OPTIONS")
        assert get_statuses(archived) == [200]

    def test_only_our_routes(self, api: APIClient, settings: Any) -> None:
        """DRF's usual mapping stands in; no resource has a path."""
        view = make_view(http_method_names=["post", "patch"])
        settings.ROOT_URLCONF = make_urlconf(
            path("all/", view.as_view({"post": "batch"}))
        )
        row = CategoryFactory()

        response = api.post(
            "/all/",
            batch(
                op("POST", data={"name": "a"}),
                op("PATCH", row.pk, {"name": "b"}),
                op("DELETE", row.pk),
            ),
        )

        assert get_statuses(response) == [201, 200, 405]
        assert not any("href" in each for each in get_results(response))

    def test_two_registrations(self, api: APIClient, settings: Any) -> None:
        """Of two single routes of a viewset, an operation takes that beside ours."""
        view = make_view(
            perform_create=lambda self, serializer: serializer.save(
                name=f"{self.basename} {self.request.path}"
            )
        )
        router = SimpleRouter()
        router.register("ones", view, basename="one")
        router.register("twos", view, basename="two")
        settings.ROOT_URLCONF = make_urlconf(path("", include(router.urls)))

        for prefix in ("ones", "twos"):
            response = api.post(f"/{prefix}/bulk/", [{"name": "a"}])
            assert get_statuses(response) == [201]

        assert get_names() == ["one /ones/", "two /twos/"]
