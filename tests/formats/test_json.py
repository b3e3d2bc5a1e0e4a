from __future__ import annotations

import json
import sys
from typing import ClassVar

import pytest
from hypothesis import given
from rest_framework.renderers import JSONRenderer

from multistatus_app.formats import plain
from multistatus_app.formats.json import MultiStatusJSONRenderer
from multistatus_app.formats.plain import get_plain
from multistatus_app.outcomes import MultiStatus, Operation, Outcome
from multistatus_app.responses import MultiStatusResponse
from tests import outcomes_strategies as strategies
from tests.formats.rendering import ask, done, failed


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
        assert document == plain.TOO_DEEP
        assert depth == plain.MAX_DATA_DEPTH

    def test_inside_itself(self):
        loop = []
        loop.append(loop)
        response = ask(MultiStatusResponse(done(loop)), accept="application/json")

        assert json.loads(response.content)["results"][0]["data"] == [plain.TOO_DEEP]

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

        plain = json.dumps(get_plain(value), allow_nan=False).encode()
        assert json.loads(content or b"null") == json.loads(plain)


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
