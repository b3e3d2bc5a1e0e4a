"""What is preferred, and the headers of an answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rest_framework import authentication
from rest_framework.test import APIClient

from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import get_results, get_statuses
from tests.conftest import Serve
from tests.handlers.viewsets import make_view
from tests.shop.models import Category

pytestmark = pytest.mark.django_db


class TestPreferences:
    """`Prefer` (RFC 7240) and what the answer says of it."""

    def test_minimal(self, api: APIClient) -> None:
        response = api.post(
            "/api/categories/bulk/",
            [{"name": "a"}, {"name": ""}],
            headers={"Prefer": "return=minimal"},
        )

        good, bad = get_results(response)
        assert good == {
            "index": 0,
            "method": "POST",
            "status": 201,
            "href": f"/api/categories/{Category.objects.get().pk}/",
        }
        assert bad["error"]["errors"][0]["pointer"] == "#/name"
        assert response["Preference-Applied"] == "return=minimal"

    @pytest.mark.parametrize(
        ("prefer", "applied"),
        [
            ("return=representation", "return=representation"),
            ("return=x", None),
            ("", None),
        ],
    )
    def test_representation(
        self, api: APIClient, prefer: str, applied: str | None
    ) -> None:
        response = api.post(
            "/api/categories/bulk/", [{"name": "a"}], headers={"Prefer": prefer}
        )

        assert get_results(response)[0]["data"]["name"] == "a"
        assert response.get("Preference-Applied") == applied

    def test_an_operation_does_not_see_it(self, api: APIClient, serve: Serve) -> None:
        seen: list[Any] = []

        def perform_create(self: Any, serializer: Any) -> None:
            seen.append(self.request.headers.get("Prefer"))
            serializer.save()

        serve(make_view(perform_create=perform_create))
        api.post("/things/bulk/", [{"name": "a"}], headers={"Prefer": "return=minimal"})

        assert seen == [None]


class TestHeaders:
    """What every answer of these routes carries."""

    @pytest.mark.parametrize(
        ("body", "headers", "status"),
        [
            ('[{"name": "a"}]', {}, 207),
            ("[", {}, 400),
            ("[]", {"Accept": "image/png"}, 406),
            ("[]", {"Content-Type": "text/csv"}, 415),
            (json.dumps([{}] * 1001), {}, 413),
        ],
    )
    def test_vary_and_cache_control(
        self, api: APIClient, body: str, headers: dict[str, str], status: int
    ) -> None:
        content_type = headers.pop("Content-Type", "application/json")
        response = api.post(
            "/api/categories/bulk/", body, content_type=content_type, headers=headers
        )

        assert response.status_code == status
        assert response["Cache-Control"] == "no-store"
        # Whether somebody looked at the session is not ours to say.
        assert response["Vary"].removesuffix(", Cookie") == "Accept, Prefer"
        assert "Location" not in response

    def test_vary_is_merged(self, api: APIClient, serve: Serve) -> None:
        def finalize_response(self: Any, *args: Any, **kwargs: Any) -> Any:
            response = BulkModelViewSet.finalize_response(self, *args, **kwargs)
            response["X-Own"] = "1"
            return response

        serve(
            make_view(
                finalize_response=finalize_response,
                authentication_classes=[authentication.SessionAuthentication],
            )
        )

        response = api.post("/things/bulk/", [{"name": "a"}])

        assert set(response["Vary"].split(", ")) >= {"Accept", "Prefer"}
        assert "X-Own" not in response  # that is for the answer of an operation

    def test_summary(self, api: APIClient) -> None:
        response = api.post("/api/categories/bulk/", [{"name": "a"}, {}])

        assert response["Multistatus-Summary"] == (
            "total=2, succeeded=1, failed=1, committed=?1"
        )

    def test_all_bad_is_a_207_too(self, api: APIClient) -> None:
        response = api.post("/api/categories/bulk/", [{}, {}])

        assert get_statuses(response) == [400, 400]
        assert response["Multistatus-Summary"] == (
            "total=2, succeeded=0, failed=2, committed=?1"
        )
