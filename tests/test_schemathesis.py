"""The demo against its own OpenAPI document: what it says is what is answered."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytest.importorskip("drf_spectacular", reason="The demo has an OpenAPI document.")

import schemathesis
from django.core.wsgi import get_wsgi_application
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from demo_project.atlas.models import City, Country
from tests.xml import validate

URLCONF = "demo_project.urls"
JSON = "application/json"
XML = "application/xml"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ROUTES = [
    (method, f"/api/{prefix}/{route}/")
    for prefix in ("cities", "countries")
    for route, methods in {
        "bulk": ("POST", "PUT", "PATCH", "DELETE"),
        "batch": ("POST",),
    }.items()
    for method in methods
]

limited = hypothesis_settings(
    max_examples=8,
    deadline=None,
    # A failure is shown as it was found: to shrink whole batches takes minutes.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def document() -> Any:
    """Return the OpenAPI document of the demo."""
    return SchemaGenerator(urlconf=URLCONF).get_schema(public=True)


@pytest.fixture
def demo(document: Any, settings: Any, db: None) -> Any:
    """Return the routes of the demo, served in this process with some places."""
    settings.ROOT_URLCONF = URLCONF
    country = Country.objects.create(
        code="FI", geonameid=1001, name="Finland", continent="EU", population=1
    )
    City.objects.bulk_create(
        City(
            id=number,
            geonameid=1000 + number,
            name=f"City {number}",
            country=country,
            latitude=1,
            longitude=1,
            population=1,
        )
        for number in range(1, 5)
    )
    schema = schemathesis.openapi.from_dict(document)
    schema.app = get_wsgi_application()
    return schema


def get_statuses(content: bytes, media_type: str) -> list[int]:
    """Return the statuses of the operations; XML is validated."""
    if media_type == JSON:
        return [each["status"] for each in json.loads(content)["results"]]
    operations = validate(content).iter("{urn:multistatus}operation")
    return [int(each.attrib["status"]) for each in operations]


@pytest.mark.once
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("accept", [JSON, XML])
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_answers_conform(
    demo: Any, method: str, path: str, accept: str, mode: GenerationMode
) -> None:
    answered = []

    @limited
    @given(case=demo[path][method].as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        case.headers["Accept"] = accept
        case.query.pop("format", None)  # it would say the same, or the opposite
        response = case.call_and_validate(checks=CHECKS)
        if response.status_code == 207:
            assert 500 not in get_statuses(response.content, accept)
        elif mode is GenerationMode.POSITIVE:
            # That each ref stands once is beyond JSON Schema.
            assert b"The ref " in response.content
        answered.append(response.status_code)

    send()

    assert set(answered) <= {207, 400, 413}
    assert 207 in answered or mode is GenerationMode.NEGATIVE


@pytest.mark.once
def test_routes_are_all_that_the_document_has(document: Any) -> None:
    found = {
        (method.upper(), path)
        for path, item in document["paths"].items()
        if path.endswith(("/bulk/", "/batch/"))
        for method in item
        if method != "parameters"
    }

    assert found == set(ROUTES)


@pytest.mark.once
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_examples_are_valid(demo: Any, method: str, path: str) -> None:
    """What the document shows can be sent, and is refused only beside other rows."""
    content = demo[path][method].definition.raw["requestBody"]["content"][JSON]
    (example,) = content["examples"].values()
    case = demo[path][method].Case(body=example["value"], media_type=JSON)
    response = case.call_and_validate(checks=CHECKS, headers={"Accept": JSON})

    assert response.status_code == 207
    results = response.json()["results"]
    assert {each["status"] for each in results} <= {200, 201, 204, 400, 404, 409}
    refused = [each["error"]["errors"] for each in results if each["status"] == 400]
    assert {each["code"] for errors in refused for each in errors} <= {"unique"}
