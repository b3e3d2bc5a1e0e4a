"""The request of each operation, as hooks see it."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_statuses, op
from tests.conftest import Serve
from tests.factories import CategoryFactory, UserFactory
from tests.handlers.viewsets import make_view
from tests.shop import serializers as shop
from tests.shop.models import Category

pytestmark = pytest.mark.django_db

SEEN: list[Any] = []


def look(view: Any) -> None:
    """Note what a hook can see of its request."""
    request = view.request
    SEEN.append(
        (
            view.action,
            request.method,
            view.kwargs,
            view.detail,
            dict(request.data),
            request.path,
            dict(request.query_params),
            getattr(request, "mark", None),
            getattr(view, "mark", None),
            getattr(request._request, "mark", None),
        )
    )
    request.mark = view.mark = request._request.mark = "seen"
    request.META["mark"] = "seen"


class SeeingViewSet(BulkModelViewSet):
    """Notes what its hooks see."""

    queryset = Category.objects.all()
    serializer_class = shop.CategorySerializer

    def perform_create(self, serializer: Any) -> None:
        """Look, then save."""
        look(self)
        serializer.save()

    perform_update = perform_create

    def perform_destroy(self, instance: Any) -> None:
        """Look, then delete."""
        look(self)
        instance.delete()


@pytest.fixture(autouse=True)
def _forget() -> None:
    SEEN.clear()


def test_hooks_see_a_single_request(api: APIClient, serve: Serve) -> None:
    serve(SeeingViewSet)
    one, two = CategoryFactory.create_batch(2)

    response = api.post(
        "/things/batch/?atomic=true&color=red",
        batch(
            op("POST", data={"name": "a"}),
            op("PUT", one.pk, {"name": "b"}),
            op("PATCH", one.pk, {"name": "c"}),
            op("DELETE", two.pk),
        ),
    )

    assert get_statuses(response) == [201, 200, 200, 204]
    query = {"color": ["red"]}
    nothing = (None, None, None)
    key, other = str(one.pk), str(two.pk)
    assert [
        ("create", "POST", {}, False, {"name": "a"}, "/things/", query, *nothing),
        ("update", "PUT", {"pk": key}, True, {"name": "b"}, f"/things/{key}/",
         query, *nothing),
        ("partial_update", "PATCH", {"pk": key}, True, {"name": "c"},
         f"/things/{key}/", query, *nothing),
        ("destroy", "DELETE", {"pk": other}, True, {}, f"/things/{other}/",
         query, *nothing),
    ] == SEEN  # fmt: skip


def test_hooks_see_what_the_single_endpoint_shows_them(
    api: APIClient, serve: Serve
) -> None:
    """The bulk request once more, as single requests."""
    serve(SeeingViewSet)
    row = CategoryFactory()
    api.post("/things/bulk/", [{"name": "a"}])
    api.patch("/things/bulk/", [{"id": row.pk, "name": "b"}])
    api.delete("/things/bulk/", [row.pk])
    in_bulk = SEEN[:]
    SEEN.clear()
    Category.objects.all().delete()
    CategoryFactory(pk=row.pk)

    api.post("/things/", {"name": "a"})
    api.patch(f"/things/{row.pk}/", {"id": row.pk, "name": "b"})
    api.delete(f"/things/{row.pk}/")

    assert in_bulk == SEEN
    assert len(SEEN) == 3


def test_user_of_the_request_is_that_of_its_operations(
    api: APIClient, serve: Serve
) -> None:
    users: list[Any] = []

    def perform_destroy(self: Any, instance: Any) -> None:
        users.append((self.request.user, self.request.auth))

    serve(make_view(perform_destroy=perform_destroy))
    user = UserFactory()
    api.force_authenticate(user, token="token")

    api.delete("/things/bulk/", [CategoryFactory().pk])

    assert users == [(user, "token")]


def test_data_that_a_hook_changed_is_not_shown_in_xml(
    api: APIClient, serve: Serve
) -> None:
    """What the client sent beside the faulty value is named as a dependency."""

    def update(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        request.data["hidden"] = "inside"
        return BulkModelViewSet.update(self, request, *args, **kwargs)

    serve(make_view(update=update))
    row = CategoryFactory()

    response = api.patch(
        "/things/bulk/",
        [{"id": row.pk, "name": "", "parent": None}],
        HTTP_ACCEPT="application/xml",
    )

    assert b"424" in response.content
    assert b"parent" in response.content
    assert b"hidden" not in response.content
    assert b"inside" not in response.content


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("query", ["", "?dry_run=true"])
def test_a_request_that_cannot_be_made_is_one_operations_failure(
    api: APIClient, serve: Serve, place: int, query: str
) -> None:
    def initialize_request(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("pk") == "13":
            raise RuntimeError("Bad luck.")
        return BulkModelViewSet.initialize_request(self, request, *args, **kwargs)

    serve(make_view(initialize_request=initialize_request))
    rows = CategoryFactory.create_batch(2)
    asked = [op("PATCH", each.pk, {"name": f"new {each.pk}"}) for each in rows]
    asked.insert(place, op("DELETE", 13))

    response = api.post(f"/things/batch/{query}", batch(*asked))

    statuses = [200, 200]
    statuses.insert(place, 500)
    assert get_statuses(response) == statuses
    assert get_statuses(api.delete("/things/bulk/", [13])) == [500]
