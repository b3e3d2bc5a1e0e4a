from __future__ import annotations

import pickle
from typing import ClassVar

import pytest
from django.template.response import ContentNotRenderedError
from rest_framework.exceptions import ParseError
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.response import Response

from multistatus_app.formats.xml import MultiStatusXMLRenderer
from multistatus_app.outcomes import MultiStatus, Operation, Outcome, Problem
from multistatus_app.responses import MultiStatusResponse, describe_refusal, set_headers


class Foreign(BaseRenderer):
    """A renderer that knows nothing of ours."""

    media_type = "text/plain"
    format = "txt"

    def render(self, data, accepted_media_type=None, renderer_context=None):
        return repr(data)


class Silent(Foreign):
    seen: ClassVar[list[object]] = []
    reads_multistatus = True

    def render(self, data, accepted_media_type=None, renderer_context=None):
        self.seen.append(data)
        raise RuntimeError


@pytest.fixture
def multistatus():
    return MultiStatus(
        outcomes=(
            Outcome(
                operation=Operation(index=0, method="POST", ref="a", data={"x": 1}),
                status=201,
                href="/a/",
                data={"x": 1},
            ),
            Outcome(
                operation=Operation(index=1, method="DELETE"),
                status=404,
                problem=Problem(code="not_found", detail="Nothing."),
            ),
        ),
        committed=True,
    )


def prepare(response, renderer):
    response.accepted_renderer = renderer
    response.accepted_media_type = renderer.media_type
    response.renderer_context = {}
    return response


def test_status(multistatus):
    response = MultiStatusResponse(multistatus)

    assert response.status_code == 207
    assert response.status_text == response.reason_phrase == "Multi-Status"
    assert response.multistatus is multistatus
    assert not response.exception


@pytest.mark.parametrize(
    ("committed", "summary"),
    [
        (True, "total=2, succeeded=1, failed=1, committed=?1"),
        (False, "total=2, succeeded=1, failed=1, committed=?0"),
    ],
)
def test_summary(multistatus, committed, summary):
    document = MultiStatus(outcomes=multistatus.outcomes, committed=committed)

    assert MultiStatusResponse(document)["Multistatus-Summary"] == summary


def test_headers(multistatus):
    response = MultiStatusResponse(multistatus, headers={"Vary": "Accept"})

    assert response["Vary"] == "Accept"
    assert "Location" not in response


def test_data_is_built_once(multistatus):
    response = MultiStatusResponse(multistatus)

    assert response.data == multistatus.to_dict()
    assert response.data is response.data


def test_data_of_somebody_else(multistatus):
    response = MultiStatusResponse(multistatus)
    response.data = {"mine": True}

    assert prepare(response, JSONRenderer()).render().content == b'{"mine":true}'


def test_renderer_of_somebody_else(multistatus):
    response = prepare(MultiStatusResponse(multistatus), Foreign()).render()

    assert response.content == repr(multistatus.to_dict()).encode()
    assert response["Content-Type"] == "text/plain; charset=utf-8"


def test_xml_builds_no_data(multistatus, monkeypatch):
    response = prepare(MultiStatusResponse(multistatus), MultiStatusXMLRenderer())
    with monkeypatch.context() as patch:
        patch.setattr(MultiStatus, "to_dict", None)
        response.render()

    assert b"<D:multistatus" in response.content
    assert response.data == multistatus.to_dict()


def test_data_after_a_renderer_that_failed(multistatus):
    response = prepare(MultiStatusResponse(multistatus), Silent())

    with pytest.raises(RuntimeError):
        response.render()

    assert Silent.seen.pop() is None
    assert response.data == multistatus.to_dict()


@pytest.mark.parametrize("renderer", [JSONRenderer(), MultiStatusXMLRenderer()])
def test_pickle(multistatus, renderer):
    response = prepare(MultiStatusResponse(multistatus), renderer).render()

    copy = pickle.loads(pickle.dumps(response))  # noqa: S301 - as Django's cache does

    assert copy.content == response.content
    assert copy.headers == response.headers
    assert copy.multistatus == multistatus
    assert copy.data == response.data


def test_fail_pickle_before_rendering(multistatus):
    with pytest.raises(ContentNotRenderedError):
        pickle.dumps(MultiStatusResponse(multistatus))


def test_refusal_is_described():
    response = Response({"success": False}, status=400)
    describe_refusal(response, ParseError("Not so."))

    assert response.failure.problem == Problem(code="parse_error", detail="Not so.")
    assert response.data == {"success": False}


def test_headers_of_every_answer():
    response = Response(headers={"Vary": "Cookie, accept", "Cache-Control": "public"})
    set_headers(response)

    assert response["Vary"] == "Cookie, accept, Prefer"
    assert response["Cache-Control"] == "no-store"
