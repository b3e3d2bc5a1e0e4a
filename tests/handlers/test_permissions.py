"""A request is refused before its body is read only for what is known by then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework import exceptions, permissions
from rest_framework.response import Response
from rest_framework.test import APIClient

from tests.answers import get_statuses
from tests.conftest import Serve
from tests.factories import CategoryFactory
from tests.handlers.viewsets import get_names, make_view

pytestmark = pytest.mark.django_db

KEY = 7
ASKS: dict[str, Callable[[Any, Any], bool]] = {
    "data": lambda request, view: "name" in request.data,
    "stream": lambda request, view: request.stream is not None,
    "body": lambda request, view: b"name" in request.body,
    "key": lambda request, view: view.kwargs["pk"] == str(KEY),
    "key, if there is one": lambda request, view: bool(view.kwargs.get("pk")),
    "path": lambda request, view: request.path.endswith(f"/{KEY}/"),
    "whole path": lambda request, view: f"/{KEY}/" in request.get_full_path(),
    "URI": lambda request, view: f"/{KEY}/" in request.build_absolute_uri(),
    "match": lambda request, view: "pk" in request.resolver_match.kwargs,
    "META": lambda request, view: f"/{KEY}/" in request.META["PATH_INFO"],
    "META, if there": lambda request, view: "/" in request.META.get("PATH_INFO", ""),
}


def permit(ask: Callable[[Any, Any], bool]) -> type:
    """Make a permission that takes whatever goes wrong for a refusal."""

    class Permission(permissions.BasePermission):
        def has_permission(self, request: Any, view: Any) -> bool:
            try:
                return ask(request, view)
            except Exception:
                return False

    return Permission


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
def test_what_only_an_operation_has(
    api: APIClient, serve: Serve, ask: Callable[[Any, Any], bool]
) -> None:
    CategoryFactory(pk=KEY)
    serve(make_view(permission_classes=[permit(ask)]))

    assert api.patch(f"/things/{KEY}/", {"name": "a"}).status_code == 200
    response = api.patch("/things/bulk/", [{"id": KEY, "name": "b"}])
    assert get_statuses(response) == [200]


@pytest.mark.parametrize(
    "ask",
    [
        lambda request, view: request.META["REMOTE_ADDR"] == "10.0.0.1",
        lambda request, view: "X-Token" in request.headers,
        lambda request, view: view.kwargs.get("shop_pk") == "1",
        lambda request, view: request.query_params.get("token") == "1",
        lambda request, view: request.method == "DELETE",
    ],
)
def test_what_is_known_before(api: APIClient, serve: Serve, ask: Any) -> None:
    serve(make_view(permission_classes=[permit(ask)]))

    response = api.patch("/things/bulk/", "no JSON", content_type="application/json")

    assert response.status_code == 403


def test_the_path_of_a_collection_is_known(api: APIClient, serve: Serve) -> None:
    refuse = permit(lambda request, view: request.path != "/things/")
    serve(make_view(permission_classes=[refuse]))

    response = api.post("/things/bulk/", "no JSON", content_type="application/json")

    assert response.status_code == 403


def test_a_refusal_that_the_viewset_catches(api: APIClient, serve: Serve) -> None:
    """It lets in whom it wants; that is no refusal of the whole request."""

    def check_permissions(self: Any, request: Any) -> None:
        try:
            super(view, self).check_permissions(request)
        except exceptions.APIException:
            if request.query_params.get("invited") != "yes":
                raise

    def perform_create(self: Any, serializer: Any) -> None:
        if serializer.save().name == "late":
            raise exceptions.PermissionDenied

    view = make_view(
        check_permissions=check_permissions,
        perform_create=perform_create,
        permission_classes=[permissions.IsAuthenticated],
    )
    serve(view)

    response = api.post("/things/bulk/?invited=yes", [{"name": "a"}])
    late = api.post("/things/bulk/?invited=yes", [{"name": "late"}])
    refused = api.post("/things/bulk/", [{"name": "b"}])

    assert (get_statuses(response), get_statuses(late)) == ([201], [403])
    assert refused.status_code == 403
    assert get_names() == ["a"]


def test_a_refusal_that_the_viewset_answers_itself(
    api: APIClient, serve: Serve
) -> None:
    def handle_exception(self: Any, exc: Exception) -> Response:
        if isinstance(exc, exceptions.NotAuthenticated | exceptions.PermissionDenied):
            return Response({"detail": "Your wish is noted."}, status=202)
        response: Response = super(view, self).handle_exception(exc)
        return response

    view = make_view(
        handle_exception=handle_exception,
        permission_classes=[permissions.IsAuthenticated],
    )
    serve(view)

    assert api.post("/things/", {"name": "a"}).status_code == 202
    response = api.post("/things/bulk/", [{"name": "a"}, {"name": "b"}])
    assert get_statuses(response) == [202, 202]


class Expired(exceptions.APIException):
    """A 401 of the project's own."""

    status_code = 401


class Expiring(permissions.BasePermission):
    """Takes every row for one that has expired."""

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        """Refuse it."""
        raise Expired


@pytest.mark.parametrize("smallest", [1, None], ids=["sets", "singly"])
def test_a_401_of_the_projects_own_stays_one(
    api: APIClient, serve: Serve, settings: Any, smallest: int | None
) -> None:
    """REST framework's own is a 403 where no authenticator names a scheme."""
    settings.MULTISTATUS = {"MIN_SET_SIZE": smallest}
    serve(make_view(permission_classes=[Expiring], authentication_classes=[]))
    rows = CategoryFactory.create_batch(2)

    assert api.patch(f"/things/{rows[0].pk}/", {"parent": None}).status_code == 401
    body = [{"id": each.pk, "parent": None} for each in rows]
    assert get_statuses(api.patch("/things/bulk/", body)) == [401, 401]
