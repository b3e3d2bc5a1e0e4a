"""What docs/wire.md promises of refusals, in full requests."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.authentication import BaseAuthentication
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.views import exception_handler

from tests.conftest import Serve
from tests.contract.formats import JSON, XML
from tests.handlers.viewsets import make_view
from tests.xml import D, M, parse, validate

pytestmark = pytest.mark.django_db


def wrap(exc: Exception, context: Any) -> Response | None:
    """Answer in an envelope, as many projects do."""
    response = exception_handler(exc, context)
    if response is not None:
        response.data = {"success": False, "status_code": response.status_code}
    return response


def empty(exc: Exception, context: Any) -> Response:
    """Answer without a body, a bug too."""
    return Response(status=getattr(exc, "status_code", 500))


class TestRefusals:
    """Requests that are refused as a whole."""

    @pytest.mark.parametrize("handler", [wrap, empty])
    @pytest.mark.parametrize(
        ("body", "content_type", "status", "code", "detail"),
        [
            ("{", JSON, 400, "parse_error", "JSON parse error - Expecting"),
            ("[]", JSON, 400, "malformed_batch", "The array of objects is empty"),
            ("a", "text/csv", 415, "unsupported_media_type", "Unsupported media type"),
            ("[0, 0, 0, 0]", JSON, 413, "too_many_operations", "The request holds 4"),
        ],
    )
    def test_xml_is_of_the_exception(
        self,
        api: APIClient,
        serve: Serve,
        settings: Any,
        handler: Any,
        body: str,
        content_type: str,
        status: int,
        code: str,
        detail: str,
    ) -> None:
        settings.REST_FRAMEWORK = {"EXCEPTION_HANDLER": handler}
        serve(make_view(bulk_limit=3))

        response = api.generic(
            "POST",
            "/things/bulk/",
            body,
            content_type=content_type,
            headers={"Accept": XML},
        )

        assert response.status_code == status
        root = parse(response.content)
        assert root.tag == f"{D}error"
        assert [each.tag for each in root] == [M + code, f"{D}responsedescription"]
        assert (root[1].text or "").startswith(detail)

    def test_json_is_of_the_handler(
        self, api: APIClient, serve: Serve, settings: Any
    ) -> None:
        settings.REST_FRAMEWORK = {"EXCEPTION_HANDLER": wrap}
        serve(make_view())

        response = api.post("/things/bulk/", [])

        assert response.json() == {"success": False, "status_code": 400}

    def test_a_bug_of_the_view_in_xml(
        self, api: APIClient, serve: Serve, settings: Any
    ) -> None:
        settings.REST_FRAMEWORK = {"EXCEPTION_HANDLER": empty}

        def authenticate(self: Any, request: Any) -> None:
            raise RuntimeError("the secret inside")

        scheme = type("Scheme", (BaseAuthentication,), {"authenticate": authenticate})
        serve(make_view(authentication_classes=[scheme]))

        response = api.post("/things/bulk/", [{}], headers={"Accept": XML})

        assert response.status_code == 500
        assert [each.tag for each in parse(response.content)] == [
            f"{M}error",
            f"{D}responsedescription",
        ]
        assert "secret" not in response.content.decode()


def test_every_failure_in_xml_has_an_error_of_its_own(api: APIClient) -> None:
    body = [{"name": "x" * 51}, {"name": "a"}, {"name": "a"}]

    response = api.post("/api/categories/bulk/", body, headers={"Accept": XML})

    first, second, third = validate(response.content).iter(f"{D}response")
    assert [each.tag for each in first.findall(f"{D}error/*")] == [f"{M}invalid"]
    assert second.find(f"{D}error") is None
    assert third.find(f"{D}error") is not None
