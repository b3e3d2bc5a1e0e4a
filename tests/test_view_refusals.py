"""Refusals of a request as a whole, before its operations."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework import mixins, permissions, throttling
from rest_framework.authentication import BasicAuthentication, SessionAuthentication
from rest_framework.test import APIClient

from multistatus_app.mixins import BulkModelMixin
from tests.answers import batch, get_statuses, op
from tests.conftest import Serve
from tests.factories import UserFactory
from tests.handlers.viewsets import get_names, make_view
from tests.shop.models import Category

pytestmark = pytest.mark.django_db


class Shut(throttling.BaseThrottle):
    """Lets nobody pass."""

    def allow_request(self, request: Any, view: Any) -> bool:
        """Refuse."""
        return False


class ByData(permissions.BasePermission):
    """Refuses a name."""

    def has_permission(self, request: Any, view: Any) -> bool:
        """Read the data."""
        return request.data.get("name") != "no"


class ByKey(permissions.BasePermission):
    """Permits details but one, and nothing else."""

    def has_permission(self, request: Any, view: Any) -> bool:
        """Read the key."""
        return bool(view.detail and view.kwargs["pk"] != "1")


class Broken(permissions.BasePermission):
    """Refuses a name, and fails for another."""

    def has_permission(self, request: Any, view: Any) -> bool:
        """Read the data."""
        return bool({"no": False}[request.data["name"]])


CLOSED = {"permission_classes": [permissions.IsAuthenticated]}
CREATE, NAMED_NO = op("POST", data={"name": "a"}), op("POST", data={"name": "no"})


def delete(key: str) -> Any:
    return op("DELETE", key)


class TestRefusals:
    """The whole is refused only where each single request would have been."""

    @pytest.mark.parametrize(
        ("members", "operations", "singles", "whole"),
        [
            (CLOSED, [delete("1"), CREATE], [401, 401], 401),
            (CLOSED | {"http_method_names": ["post", "patch"]}, [delete("1")], [401],
             401),
            ({"permission_classes": [ByData]}, [NAMED_NO, NAMED_NO], [401, 401], 401),
            ({"permission_classes": [ByData]}, [NAMED_NO, CREATE], [401, 201], None),
            ({"permission_classes": [ByData], "throttle_classes": [Shut]},
             [CREATE, NAMED_NO], [429, 401], None),
            ({"permission_classes": [ByData], "throttle_classes": [Shut]},
             [NAMED_NO], [401], 401),
            ({"throttle_classes": [Shut]}, [CREATE, CREATE], [429, 429], None),
            ({"permission_classes": [ByKey]}, [delete("1"), delete("1")], [401, 401],
             401),
            ({"permission_classes": [ByKey]}, [delete("1"), delete("2")], [401, 404],
             None),
            ({"permission_classes": [ByKey]}, [CREATE, delete("a/b")], [401, 404],
             None),
            ({}, [delete("a/b"), delete("x.y")], [404, 404], None),
            ({"permission_classes": [Broken]}, [NAMED_NO, CREATE], [401, 500], None),
        ],
    )  # fmt: skip
    def test_statuses(
        self,
        api: APIClient,
        serve: Serve,
        members: Any,
        operations: Any,
        singles: list[int],
        whole: int | None,
    ) -> None:
        serve(make_view(authentication_classes=[BasicAuthentication], **members))

        found = []
        for each in operations:
            send = getattr(api, each["method"].lower())
            path = f"/things/{each['key']}/" if "key" in each else "/things/"
            found.append(send(path, each.get("data")).status_code)
        Category.objects.all().delete()
        response = api.post("/things/batch/", batch(*operations))

        assert found == singles
        if whole is None:
            assert get_statuses(response) == singles
        else:
            assert response.status_code == whole
            assert response["WWW-Authenticate"] == 'Basic realm="api"'

    def test_a_viewset_without_a_detail_route(
        self, api: APIClient, serve: Serve
    ) -> None:
        serve(make_view(BulkModelMixin, mixins.CreateModelMixin))

        response = api.post("/things/batch/", batch(CREATE, delete("1")))

        assert get_statuses(response) == [201, 404]

    def test_before_the_body_is_read(self, api: APIClient, serve: Serve) -> None:
        serve(make_view(authentication_classes=[BasicAuthentication], **CLOSED))

        response = api.post("/things/bulk/", "[{", content_type="application/json")

        assert response.status_code == 401

    @pytest.mark.parametrize("name", ["dispatch", "initialize_request", "initial"])
    def test_not_before_code_that_logs_in(
        self, api: APIClient, serve: Serve, name: str
    ) -> None:
        """A project may know the user by what it does before the permissions."""
        user = UserFactory()

        def log_in(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
            if request.headers.get("X-Token") == "secret":
                getattr(request, "_request", request).user = user
                if name == "initial":
                    request.user = user
            return getattr(super(view, self), name)(request, *args, **kwargs)

        view = make_view(
            authentication_classes=[SessionAuthentication], **CLOSED, **{name: log_in}
        )
        serve(view)
        asked = [{"name": "a"}, {"name": "b"}]

        single = api.post("/things/", {"name": "c"}, headers={"X-Token": "secret"})
        response = api.post("/things/bulk/", asked, headers={"X-Token": "secret"})
        refused = api.post("/things/bulk/", asked)

        assert single.status_code == 201
        assert get_statuses(response) == [201, 201]
        assert refused.status_code == 403
        assert get_names() == ["c", "a", "b"]
