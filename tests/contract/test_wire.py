"""What docs/wire.md promises of options, formats and refusals, in full requests."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rest_framework import renderers
from rest_framework.authentication import BaseAuthentication
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.views import exception_handler

from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import get_results
from tests.conftest import Serve
from tests.shop import serializers as shop
from tests.shop.models import Category
from tests.xml import D, M, get_facts, parse, validate

pytestmark = pytest.mark.django_db

JSON = "application/json"
XML = "application/xml"
NAMESPACES = 'xmlns:m="urn:multistatus" xmlns="urn:multistatus:fields"'


def make_view(**members: Any) -> Any:
    """Return a viewset of categories."""
    stock = {
        "queryset": Category.objects.all(),
        "serializer_class": shop.CategorySerializer,
    }
    return type("MadeViewSet", (BulkModelViewSet,), stock | members)


class Shouting(renderers.JSONRenderer):
    """A style of names of a project's own."""

    def render(
        self, data: Any, media_type: Any = None, renderer_context: Any = None
    ) -> bytes:
        """Write names in capitals, and no value that is not JSON's own."""
        text = json.dumps(data, default=self.refuse)
        return json.dumps(json.loads(text, object_hook=self.shout)).encode()

    def shout(self, members: dict[str, Any]) -> dict[str, Any]:
        """Return an object with its names in capitals."""
        return {name.upper(): value for name, value in members.items()}

    def refuse(self, value: Any) -> Any:
        """Refuse what DRF's encoder may know."""
        raise TypeError


class Sheet(renderers.BaseRenderer):
    """A renderer that is no JSON."""

    media_type = "application/vnd.ms-excel"
    format = "xlsx"

    def render(
        self, data: Any, media_type: Any = None, renderer_context: Any = None
    ) -> bytes:
        """Write nothing."""
        return b""


class TestOptions:
    """Query options and headers of a request."""

    BODY = ({"name": "a"}, {}, {"name": "b"}, {"name": "x" * 51})
    SUMMARY = {"total": 4, "succeeded": 2, "failed": 2, "committed": True}

    def test_only_failures_in_json(self, api: APIClient) -> None:
        response = api.post("/api/categories/bulk/?only_failures=true", self.BODY)

        assert [(each["index"], each["status"]) for each in get_results(response)] == [
            (1, 400),
            (3, 400),
        ]
        assert response.json()["summary"] == self.SUMMARY
        assert response["Multistatus-Summary"] == (
            "total=4, succeeded=2, failed=2, committed=?1"
        )
        assert Category.objects.count() == 2

    def test_only_failures_in_xml(self, api: APIClient) -> None:
        response = api.post(
            "/api/categories/bulk/?only_failures=1", self.BODY, headers={"Accept": XML}
        )

        facts = get_facts(response.content)
        assert [each["index"] for each in facts["results"]] == [1, 3]
        assert facts["summary"] == self.SUMMARY

    @pytest.mark.parametrize("name", ["dryrun", "DRY-RUN", "Dry_Run"])
    def test_fail_typo_does_not_commit(self, api: APIClient, name: str) -> None:
        response = api.post(f"/api/categories/bulk/?{name}=true", self.BODY)

        assert (response.status_code, response.json()) == (
            400,
            {"detail": f"There is no query option {name!r}; the option is dry_run."},
        )
        assert not Category.objects.exists()

    @pytest.mark.parametrize("accept", [JSON, XML])
    def test_fail_if_match(self, api: APIClient, accept: str) -> None:
        response = api.post(
            "/api/categories/bulk/",
            self.BODY,
            headers={"If-Match": "*", "Accept": accept},
        )

        assert response.status_code == 412
        assert "as if_match of its operation" in response.content.decode()
        assert not Category.objects.exists()


class TestAnswers:
    """Formats of the answer."""

    def test_json_of_the_viewset(self, api: APIClient, serve: Serve) -> None:
        serve(make_view(renderer_classes=[Shouting]))

        document = api.post("/things/bulk/", [{"name": "a"}, {}]).json()

        assert document["RESULTS"][0]["DATA"]["NAME"] == "a"
        assert document["RESULTS"][1]["ERROR"]["ERRORS"][0]["POINTER"] == "#/name"
        assert document["SUMMARY"]["TOTAL"] == 2

    def test_what_it_cannot_encode_hides_nothing(
        self, api: APIClient, serve: Serve
    ) -> None:
        class Serializer(shop.CategorySerializer):
            def to_representation(self, instance: Any) -> Any:
                data = super().to_representation(instance)
                return data | {"price": object} if instance.name == "odd" else data

        serve(make_view(renderer_classes=[Shouting], serializer_class=Serializer))
        body = [{"name": "a"}, {"name": "odd"}, {"name": "b"}]

        response = api.post("/things/bulk/", body)

        assert response.status_code == 207
        document = response.json()
        assert [each["STATUS"] for each in document["RESULTS"]] == [201, 201, 201]
        assert document["RESULTS"][1]["DATA"]["PRICE"] == "<class 'object'>"
        assert Category.objects.count() == 3

    def test_page_in_the_style_of_the_viewset(
        self, api: APIClient, serve: Serve
    ) -> None:
        serve(make_view(renderer_classes=[Shouting, renderers.BrowsableAPIRenderer]))

        response = api.post(
            "/things/bulk/", [{"name": "a"}], headers={"Accept": "text/html"}
        )

        page = response.content.decode()
        assert "SUMMARY" in page
        assert "&quot;summary&quot;" not in page

    def test_fail_other_types_are_not_offered(
        self, api: APIClient, serve: Serve
    ) -> None:
        serve(make_view(renderer_classes=[renderers.JSONRenderer, Sheet]))
        headers = {"Accept": Sheet.media_type}

        response = api.post("/things/bulk/", [{"name": "a"}], headers=headers)

        assert response.status_code == 406
        assert response["Content-Type"] == JSON
        assert response["Cache-Control"] == "no-store"
        assert {"Accept", "Prefer"} <= set(response["Vary"].split(", "))
        assert not Category.objects.exists()
        assert api.get("/things/?format=xlsx").status_code == 200


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


def post_xml(api: APIClient, path: str, body: str | bytes, **headers: str) -> Any:
    """Send XML, answered in JSON."""
    return api.generic(
        "POST",
        path,
        body,
        content_type=XML,
        headers={"Accept": JSON, **headers},
    )


class TestRequestsInXML:
    """What is odd in one element is the affair of one operation."""

    @pytest.mark.parametrize(
        ("item", "pointer", "detail"),
        [
            ("<name>b</name><name>c</name>", "#/name", "The field <name> stands twice"),
            ("<name>b</name>text", "#", "<item> has both text and elements"),
            ("<name>b</name><m:item/>", "#", "<item> has both fields and <m:item>"),
            ('<name xmlns="">b</name>', "#/name", "<name> is in no namespace; fields"),
            ("<m:name>b</m:name>", "#/name", "<name> is in the namespace"),
            (
                '<x:name xmlns:x="urn:x">b</x:name>',
                "#/name",
                '<name> is in the namespace "urn:x"; fields are in '
                '"urn:multistatus:fields"',
            ),
        ],
    )
    def test_fail_odd_item(
        self, api: APIClient, item: str, pointer: str, detail: str
    ) -> None:
        items = f"<m:item><name>a</name></m:item><m:item>{item}</m:item>"
        body = f"<m:bulk {NAMESPACES}>{items}<m:item><name>d</name></m:item></m:bulk>"

        results = get_results(post_xml(api, "/api/categories/bulk/", body))

        assert [each["status"] for each in results] == [201, 400, 201]
        (error,) = results[1]["error"]["errors"]
        assert (error["pointer"], error["code"]) == (pointer, "invalid")
        assert error["detail"].startswith(detail)
        assert set(Category.objects.values_list("name", flat=True)) == {"a", "d"}

    def test_fail_odd_operation_keeps_its_resource(self, api: APIClient) -> None:
        category = Category.objects.create(name="a")
        body = (
            f'<m:batch {NAMESPACES}><m:operation method="PATCH" key="{category.pk}" '
            f'ref="x"><name>b</name><parent/><parent/></m:operation></m:batch>'
        )

        response = post_xml(api, "/api/categories/batch/", body, Accept=XML)

        (found,) = validate(response.content).iter(f"{D}response")
        assert found.findtext(f"{D}href") == f"/api/categories/{category.pk}/"
        assert [
            (each.findtext(f"{D}status"), [name.tag for name in each.find(f"{D}prop")])
            for each in found.findall(f"{D}propstat")
        ] == [
            ("HTTP/1.1 400 Bad Request", ["{urn:multistatus:fields}parent"]),
            ("HTTP/1.1 424 Failed Dependency", ["{urn:multistatus:fields}name"]),
        ]


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

    def test_fail_content_encoding(self, api: APIClient) -> None:
        response = send(api, "[{}]", JSON, **{"Content-Encoding": "gzip"})

        assert response.status_code == 415
        assert response["Accept-Post"] == "application/json, application/xml, text/xml"

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

    @pytest.mark.parametrize("content_type", [JSON, XML])
    def test_fail_chunked(self, api: APIClient, content_type: str) -> None:
        response = send(api, "", content_type, **{"Transfer-Encoding": "chunked"})

        assert response.status_code == 411

    def test_single_endpoints_are_as_they_were(self, api: APIClient) -> None:
        response = api.generic(
            "POST", "/api/categories/", '{"name": "a"}', content_type="text/plain"
        )

        assert response.status_code == 415
        assert "Accept-Post" not in response


@pytest.mark.parametrize(
    ("method", "body", "headers", "status"),
    [
        ("POST", '[{"name": "a"}]', {}, 207),
        ("POST", '[{"name": "a"}]', {"Accept": XML}, 207),
        ("POST", "[]", {}, 400),
        ("POST", '[{"name": "a"}]', {"Accept": "image/png"}, 406),
        ("POST", '[{"name": "a"}]', {"If-Match": "*"}, 412),
        ("POST", '[{"name": "a"}]', {"Content-Encoding": "br"}, 415),
        ("GET", "", {}, 405),
        ("OPTIONS", "", {}, 200),
    ],
)
def test_headers_of_every_answer(
    api: APIClient, method: str, body: str, headers: dict[str, str], status: int
) -> None:
    response = api.generic(
        method, "/api/categories/bulk/", body, content_type=JSON, headers=headers
    )

    assert response.status_code == status
    assert {"Accept", "Prefer"} <= set(response["Vary"].split(", "))
    assert response["Cache-Control"] == "no-store"


def test_href_of_what_is_not_there(api: APIClient) -> None:
    """JSON leaves it out; XML, which needs one, names the path that was asked for."""
    body = {
        "operations": [
            {"method": "POST", "data": {}},
            {"method": "DELETE", "key": 99},
        ]
    }
    plain = api.post("/api/categories/batch/", body)
    xml = api.post("/api/categories/batch/", body, headers={"Accept": XML})

    assert [each.get("href") for each in get_results(plain)] == [None, None]
    assert [
        each.text for each in validate(xml.content).findall(f"{D}response/{D}href")
    ] == ["/api/categories/batch/items/0/", "/api/categories/99/"]
