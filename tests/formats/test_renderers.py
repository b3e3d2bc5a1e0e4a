from __future__ import annotations

import json

import pytest
from django.test import override_settings
from hypothesis import given
from rest_framework.exceptions import APIException, ErrorDetail, NotFound
from rest_framework.exceptions import ValidationError as DRFValidationError
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from multistatus_app.formats.dav import reading
from multistatus_app.formats.xml import MultiStatusXMLRenderer
from multistatus_app.outcomes import MultiStatus, Operation, Outcome
from multistatus_app.responses import MultiStatusResponse
from tests import outcomes_strategies as strategies
from tests.formats.rendering import Answer, ask, failed
from tests.xml import D, M, clean, get_facts, get_json_facts, parse, validate

XML = "application/xml; charset=utf-8"


class TestXML:
    @pytest.mark.parametrize("accept", ["application/xml", "text/xml"])
    def test_success(self, accept):
        response = ask(MultiStatusResponse(failed()), accept=accept)

        assert response.status_code == 207
        assert response["Content-Type"] == XML
        href = validate(response.content).findtext(f"{D}response/{D}href")
        assert href == "/api/cities/bulk/items/0/"

    @pytest.mark.parametrize("accept", ["text/xml", "application/xml", "*/*"])
    def test_format(self, accept):
        answer = MultiStatusResponse(failed())
        response = ask(answer, accept=accept, path="/api/cities/bulk/?format=xml")

        assert response["Content-Type"] == XML
        validate(response.content)

    def test_path_is_encoded_once(self):
        response = ask(MultiStatusResponse(failed()), path="/k%C3%A4/%25/bulk/")

        href = validate(response.content).findtext(f"{D}response/{D}href")
        assert href == "/k%C3%A4/%25/bulk/items/0/"

    def test_script_name(self):
        request = APIRequestFactory().post("/bulk/", SCRIPT_NAME="/app")
        request.META["HTTP_ACCEPT"] = "application/xml"
        answer = MultiStatusResponse(failed())
        response = Answer.as_view(answer=answer)(request).render()

        href = validate(response.content).findtext(f"{D}response/{D}href")
        assert href == "/app/bulk/items/0/"

    def test_refusal(self):
        response = ask(NotFound("No <such> thing."))
        root = parse(response.content)

        assert (response.status_code, response["Content-Type"]) == (404, XML)
        assert root.tag == f"{D}error"
        assert [(each.tag, each.text) for each in root] == [
            (f"{M}not_found", None),
            (f"{D}responsedescription", "No <such> thing."),
        ]

    def test_refusal_in_text_xml(self):
        assert ask(NotFound(), accept="text/xml")["Content-Type"] == XML

    def test_refusal_with_fields(self):
        exc = DRFValidationError({"atomic": ["Not that.", ErrorDetail("Nor.", "odd")]})
        root = parse(ask(exc).content)

        assert [(each.tag, each.get("pointer")) for each in root] == [
            (f"{M}invalid", "#/atomic"),
            (f"{M}odd", "#/atomic"),
            (f"{D}responsedescription", None),
        ]
        assert root[2].text == "1 field is not valid. Not that. Nor."

    @pytest.mark.parametrize(
        ("document", "code", "description"),
        [
            ({"detail": "Plain."}, "permission_denied", "Plain."),
            ({"message": "Mine.", "code": "my code"}, "my_x0020_code", "Mine."),
            ("Text.", "invalid", "Text."),
            (["Text."], "invalid", "Text."),
            ({"x": {"y": 5}}, "permission_denied", "The operation failed."),
            ({}, "permission_denied", "The operation failed."),
        ],
    )
    def test_refusal_of_a_handler_of_the_projects_own(
        self, document, code, description
    ):
        def handler(exc, context):
            return Response(document, status=403)

        with override_settings(REST_FRAMEWORK={"EXCEPTION_HANDLER": handler}):
            root = parse(ask(APIException()).content)

        assert root[0].tag == M + code
        assert root[1].text == description

    def test_refusal_without_a_body(self):
        def handler(exc, context):
            return Response(status=403)

        with override_settings(REST_FRAMEWORK={"EXCEPTION_HANDLER": handler}):
            response = ask(APIException())

        assert (response.status_code, response.content) == (403, b"")

    def test_method_not_allowed(self):
        root = parse(ask(None, method="PUT").content)

        assert root[0].tag == f"{M}method_not_allowed"
        assert root[1].text == 'Method "PUT" not allowed.'

    def test_options(self):
        response = ask(None, method="OPTIONS")
        root = parse(response.content)

        assert response.status_code == 200
        assert root.tag == f"{M}document"
        assert reading.read_value(root)["name"] == "Answer"

    def test_inside_another_renderer(self):
        """The browsable page shows it and stays HTML."""
        response = ask(MultiStatusResponse(failed()), accept="application/json")

        content = MultiStatusXMLRenderer().render(None, None, {"response": response})

        validate(content)
        assert response["Content-Type"] == "application/json"

    def test_alone(self):
        assert MultiStatusXMLRenderer().render(None) == b""
        assert parse(MultiStatusXMLRenderer().render([1]))[0].text == "1"


@given(strategies.multistatuses())
def test_both_formats_say_the_same(multistatus):
    as_json = ask(MultiStatusResponse(multistatus), accept="application/json")
    as_xml = ask(MultiStatusResponse(multistatus))

    assert get_facts(as_xml.content) == get_json_facts(json.loads(as_json.content))
    texts = [each.get("ref") for each in parse(as_xml.content).iter(f"{M}operation")]
    assert texts == [
        each if each is None else clean(each)
        for each in (outcome.operation.ref for outcome in multistatus.outcomes)
    ]


@pytest.mark.parametrize("accept", ["application/json", "application/xml"])
def test_ten_thousand(accept):
    outcomes = tuple(
        Outcome(
            operation=Operation(index=index, method="POST"),
            status=201,
            href=f"/api/cities/{index}/",
            data={"id": index, "name": "Oulu", "country": "FI"},
        )
        for index in range(10_000)
    )
    answer = MultiStatusResponse(MultiStatus(outcomes=outcomes, committed=True))

    content = ask(answer, accept=accept).content

    assert content.count(b"/api/cities/9999/") >= 1
