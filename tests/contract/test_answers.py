"""What docs/wire.md promises of answers: their renderers, headers and paths."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rest_framework import renderers
from rest_framework.test import APIClient

from tests.answers import get_results
from tests.conftest import Serve
from tests.contract.formats import JSON, XML
from tests.handlers.viewsets import make_view
from tests.shop import serializers as shop
from tests.shop.models import Category
from tests.xml import D, validate

pytestmark = pytest.mark.django_db


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
