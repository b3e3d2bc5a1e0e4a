"""What docs/wire.md promises of media types."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.answers import get_results
from tests.contract.formats import JSON, NAMESPACES, XML
from tests.shop.models import Category
from tests.xml import M, get_facts, parse

pytestmark = pytest.mark.django_db

UNTOLD = ["", "text/plain", "application/x-www-form-urlencoded"]
XML_BODY = f"<m:bulk {NAMESPACES}><m:item><name>Å</name></m:item></m:bulk>"


def send(api: APIClient, body: str | bytes, content_type: str, **headers: str) -> Any:
    """Send a body as it is."""
    return api.generic(
        "POST",
        "/api/categories/bulk/",
        body,
        content_type=content_type,
        headers=headers,
    )


class TestMediaTypes:
    """What a request is in, and what its answer is in."""

    @pytest.mark.parametrize("content_type", [JSON, *UNTOLD])
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    def test_json(self, api: APIClient, encoding: str, content_type: str) -> None:
        if (encoding, content_type) == ("utf-16", "text/plain"):
            content_type = "text/plain; charset=utf-8"
        response = send(api, '\n[{"name": "Å"}]'.encode(encoding), content_type)

        assert response["Content-Type"] == JSON
        assert get_results(response)[0]["data"]["name"] == "Å"

    @pytest.mark.parametrize("content_type", [XML, "text/xml", *UNTOLD])
    @pytest.mark.parametrize("accept", [None, "*/*"])
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    def test_xml_is_answered_in_xml(
        self, api: APIClient, encoding: str, accept: str | None, content_type: str
    ) -> None:
        headers = {} if accept is None else {"Accept": accept}
        response = send(api, XML_BODY.encode(encoding), content_type, **headers)

        assert response["Content-Type"] == "application/xml; charset=utf-8"
        (result,) = get_facts(response.content)["results"]
        assert result["status"] == 201
        assert Category.objects.get().name == "Å"

    def test_accept_says_otherwise(self, api: APIClient) -> None:
        response = send(api, XML_BODY, XML, Accept=JSON)

        assert get_results(response)[0]["status"] == 201

    @pytest.mark.parametrize("content_type", [XML, *UNTOLD])
    def test_fail_in_what_was_asked_in(self, api: APIClient, content_type: str) -> None:
        response = send(api, "<m:bulk", content_type)

        assert response.status_code == 400
        assert parse(response.content)[0].tag == f"{M}malformed_batch"

    @pytest.mark.parametrize(
        "header",
        [
            {"Cookie": "sessionid=x"},
            {"Origin": "https://example.org"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
        ],
    )
    @pytest.mark.parametrize("content_type", UNTOLD)
    @pytest.mark.parametrize("body", ['[{"name": "a"}]', XML_BODY])
    def test_fail_from_a_page_of_somebody_else(
        self, api: APIClient, body: str, content_type: str, header: dict[str, str]
    ) -> None:
        response = send(api, body, content_type, **header)

        assert response.status_code == 415
        got = (
            f'Unsupported media type "{content_type}" in request'
            if content_type
            else "The request has no media type"
        )
        assert response.json() == {
            "detail": f"{got}; send application/json, application/xml or text/xml."
        }
        assert response["Accept-Post"] == "application/json, application/xml, text/xml"
        assert not Category.objects.exists()

    @pytest.mark.parametrize("header", [{"Cookie": "a=b"}, {"Origin": "null"}])
    @pytest.mark.parametrize(("body", "type_"), [("[{}]", JSON), (XML_BODY, XML)])
    def test_a_media_type_that_is_told_holds_for_browsers_too(
        self, api: APIClient, body: str, type_: str, header: dict[str, str]
    ) -> None:
        assert send(api, body, type_, **header).status_code == 207

    @pytest.mark.parametrize("accept", [JSON, XML])
    @pytest.mark.parametrize("content_type", ["text/csv", "multipart/form-data"])
    def test_fail_says_what_is_taken(
        self, api: APIClient, content_type: str, accept: str
    ) -> None:
        response = send(api, "name=a", content_type, Accept=accept)

        assert response.status_code == 415
        assert response["Accept-Post"] == "application/json, application/xml, text/xml"
        assert "send application/json, application/xml or text/xml." in (
            response.content.decode()
        )

    @pytest.mark.parametrize("accept", [JSON, XML])
    @pytest.mark.parametrize("content_type", [JSON, XML, *UNTOLD])
    def test_fail_too_large(
        self, api: APIClient, settings: Any, content_type: str, accept: str
    ) -> None:
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10

        response = send(api, "[" + " " * 20 + "]", content_type, Accept=accept)

        assert response.status_code == 413
        assert "The body has 22 bytes, the limit is 10 bytes." in (
            response.content.decode()
        )

    def test_single_endpoints_are_as_they_were(self, api: APIClient) -> None:
        response = api.generic(
            "POST", "/api/categories/", '{"name": "a"}', content_type="text/plain"
        )

        assert response.status_code == 415
        assert "Accept-Post" not in response
