from __future__ import annotations

import json
import sys
from typing import ClassVar

import pytest
from django.test import override_settings
from hypothesis import given
from rest_framework.exceptions import APIException, ErrorDetail, NotFound
from rest_framework.exceptions import ValidationError as DRFValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from multistatus_app.formats import dav
from multistatus_app.formats.renderers import (
    MultiStatusJSONRenderer,
    MultiStatusTextXMLRenderer,
    MultiStatusXMLRenderer,
    get_plain,
)
from multistatus_app.outcomes import MultiStatus, Operation, Outcome, Problem
from multistatus_app.responses import MultiStatusResponse
from tests import outcomes_strategies as strategies
from tests.xml import D, M, clean, get_facts, get_json_facts, parse, validate

XML = "application/xml; charset=utf-8"


class Answer(APIView):
    authentication_classes: ClassVar = []
    permission_classes: ClassVar = []
    renderer_classes: ClassVar = [
        MultiStatusJSONRenderer,
        MultiStatusXMLRenderer,
        MultiStatusTextXMLRenderer,
    ]
    answer = None

    def post(self, request, **kwargs):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def ask(answer, *, accept="application/xml", path="/api/cities/bulk/", method="POST"):
    request = APIRequestFactory().generic(method, path, headers={"accept": accept})
    return Answer.as_view(answer=answer)(request).render()


def failed(**members):
    operation = Operation(index=0, method="POST", data={"name": ""}, ref="a")
    members = {"problem": Problem(code="invalid", detail="No.")} | members
    return MultiStatus(
        outcomes=(Outcome(operation=operation, status=400, **members),), committed=True
    )


def done(data):
    operation = Operation(index=0, method="POST")
    return MultiStatus(
        outcomes=(Outcome(operation=operation, status=201, data=data),), committed=True
    )


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
        assert dav.read_value(root)["name"] == "Answer"

    def test_inside_another_renderer(self):
        """The browsable page shows it and stays HTML."""
        response = ask(MultiStatusResponse(failed()), accept="application/json")

        content = MultiStatusXMLRenderer().render(None, None, {"response": response})

        validate(content)
        assert response["Content-Type"] == "application/json"

    def test_alone(self):
        assert MultiStatusXMLRenderer().render(None) == b""
        assert parse(MultiStatusXMLRenderer().render([1]))[0].text == "1"


class TestJSON:
    def test_success(self):
        multistatus = failed()
        response = ask(MultiStatusResponse(multistatus), accept="application/json")

        assert response["Content-Type"] == "application/json"
        assert response.content == JSONRenderer().render(multistatus.to_dict())

    @pytest.mark.parametrize(
        ("value", "written"),
        [
            ("\ud800 ä", r'"\ud800 \u00e4"'),
            (float("nan"), "null"),
            ([float("inf"), 1.5, {"a": -float("inf")}], '[null,1.5,{"a":null}]'),
            (1j, '"1j"'),
            ({(1, 2): 3}, '{"[1, 2]":3}'),
            ({"a": {"\udfff": True, "b": None}}, r'{"a":{"\udfff":true,"b":null}}'),
            ([(), [], {}, object], "[[],[],{},\"<class 'object'>\"]"),
        ],
    )
    def test_what_json_has_not(self, value, written):
        response = ask(MultiStatusResponse(done(value)), accept="application/json")

        assert f'"data":{written}}}'.encode() in response.content
        assert json.loads(response.content)["summary"]["succeeded"] == 1

    def test_more_digits_than_python_prints(self):
        value = 16 ** (sys.get_int_max_str_digits() + 1)
        response = ask(MultiStatusResponse(done([value])), accept="application/json")

        assert json.loads(response.content)["results"][0]["data"] == [hex(value)]

    def test_too_deep(self):
        value = "leaf"
        for _ in range(100_000):
            value = {"a": value}
        response = ask(MultiStatusResponse(done(value)), accept="application/json")

        document = json.loads(response.content)
        depth = 0
        while isinstance(document, dict):
            document = document["a"] if depth else document["results"][0]["data"]
            depth += 1
        assert document == dav.TOO_DEEP
        assert depth == dav.MAX_DATA_DEPTH

    def test_inside_itself(self):
        loop = []
        loop.append(loop)
        response = ask(MultiStatusResponse(done(loop)), accept="application/json")

        assert json.loads(response.content)["results"][0]["data"] == [dav.TOO_DEEP]

    def test_same_data_twice_is_no_loop(self):
        shared = {"a": float("nan")}

        assert get_plain([shared, shared]) == [{"a": None}, {"a": None}]

    def test_indent(self):
        response = ask(
            MultiStatusResponse(done("\ud800")), accept="application/json; indent=2"
        )

        assert response.content.startswith(b'{\n  "results": [\n')

    @given(strategies.data)
    def test_any_data(self, value):
        content = MultiStatusJSONRenderer().render(value)

        json.loads(content or b"null")
        json.dumps(get_plain(value), allow_nan=False).encode()


class Strict(JSONRenderer):
    """As a library's: names in its own style, and none of DRF's values."""

    format = "strict"
    written: ClassVar[list] = []

    def render(self, data, accepted_media_type=None, renderer_context=None):
        self.written.append(data)
        content = json.dumps(self.rename(data), ensure_ascii=False, allow_nan=False)
        return content.encode()

    def rename(self, data):
        if isinstance(data, dict):
            return {
                f"{name[:1].upper()}{name[1:]}": self.rename(value)
                for name, value in data.items()
            }
        return [self.rename(each) for each in data] if isinstance(data, list) else data


class Text(Strict):
    charset = "utf-8"

    def render(self, data, accepted_media_type=None, renderer_context=None):
        return super().render(data).decode()


class Envelope(Strict):
    """Keeps nothing of what a MultiStatus is."""

    def render(self, data, accepted_media_type=None, renderer_context=None):
        super().render(data)
        return b'{"count":%d}' % len(data["results"])


class Broken(Strict):
    def render(self, data, accepted_media_type=None, renderer_context=None):
        raise RuntimeError("the secret inside")


class Odd:
    def __str__(self):
        return "12 EUR"


class TestJSONOfTheViewset:
    """The viewset's own renderer writes all that it can."""

    def render(self, renderer, *values):
        outcomes = tuple(
            Outcome(
                operation=Operation(index=index, method="POST"),
                status=201,
                data={"my_name": value},
            )
            for index, value in enumerate(values)
        )
        document = MultiStatus(outcomes=outcomes, committed=True).to_dict()
        content = MultiStatusJSONRenderer(renderer).render(document, None, {})
        return json.loads(content)

    def test_it_writes_the_whole_document(self):
        document = self.render(Strict(), "a")

        assert document["Results"][0]["Data"] == {"My_name": "a"}
        assert document["Summary"]["Total"] == 1

    def test_negotiation_sees_the_other_renderer(self):
        renderer = MultiStatusJSONRenderer(Text())

        assert (renderer.media_type, renderer.format, renderer.charset) == (
            "application/json",
            "strict",
            "utf-8",
        )

    @pytest.mark.parametrize("renderer", [Strict, Text])
    @pytest.mark.parametrize(
        ("value", "written"),
        [
            (Odd(), "12 EUR"),
            (float("nan"), None),
            ({1j: [Odd()]}, {"1j": ["12 EUR"]}),
        ],
    )
    def test_a_result_that_it_cannot_encode(self, renderer, value, written):
        document = self.render(renderer(), "ä", value, "b")

        assert [each["Data"]["My_name"] for each in document["Results"]] == [
            "ä",
            written,
            "b",
        ]
        assert document["Summary"]["Succeeded"] == 3

    @pytest.mark.parametrize("renderer", [Strict, Text])
    def test_a_result_that_it_cannot_encode_as_plain_data(self, renderer):
        """DRF's writes it, in DRF's style; the others are as they were."""
        document = self.render(renderer(), "a", "\ud800", "b", "\udfff")

        first, second, third, fourth = document["Results"]
        assert first["Data"] == {"My_name": "a"}
        assert second["data"] == {"my_name": "\ud800"}
        assert third["Data"] == {"My_name": "b"}
        assert fourth["data"] == {"my_name": "\udfff"}
        assert document["Summary"]["Total"] == 4

    def test_what_encodes_is_written_untouched(self):
        Strict.written.clear()
        odd, fine = Odd(), {"a": 1}
        self.render(Strict(), fine, odd)

        final = Strict.written[-1]
        assert final["results"][0]["data"]["my_name"] is fine
        assert final["results"][1]["data"]["my_name"] == "12 EUR"

    @pytest.mark.parametrize("renderer", [Envelope, Broken])
    def test_a_renderer_that_cannot_carry_it(self, renderer, caplog):
        document = self.render(renderer(), "a", "\ud800")

        assert document["results"][1]["data"] == {"my_name": "\ud800"}
        assert document["summary"]["total"] == 2
        assert caplog.messages == [
            f"{renderer.__name__} could not write an answer "
            f"({'UnicodeEncodeError' if renderer is Envelope else 'RuntimeError'}); "
            "what it cannot encode is written in another way."
        ]
        assert "secret" not in caplog.text

    def test_a_document_of_another_kind(self):
        content = MultiStatusJSONRenderer(Strict()).render({"a": Odd()})

        assert json.loads(content) == {"a": "12 EUR"}


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
