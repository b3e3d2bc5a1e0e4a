"""Which formats the bulk routes speak."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework import parsers, renderers
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from multistatus_app.formats.browsable import MultiStatusBrowsableRenderer
from multistatus_app.formats.json import MultiStatusJSONParser, MultiStatusJSONRenderer
from multistatus_app.formats.negotiation import (
    BulkContentNegotiation,
    get_bulk_parsers,
    get_bulk_renderers,
)

pytestmark = pytest.mark.once


class Camel(renderers.JSONRenderer):
    """A project's own JSON."""

    media_type = "application/json; charset=utf-8"
    format = "camel"


class Sheet(renderers.BaseRenderer):
    """A table, as drf-excel's."""

    media_type = "application/vnd.ms-excel"
    format = "xlsx"


class JSONAPI(renderers.JSONRenderer):
    """JSON, and another document."""

    media_type = "application/vnd.api+json"
    format = "vnd.api+json"


class Problem(renderers.JSONRenderer):
    """JSON with a name of its own."""

    media_type = "application/problem+json"


class Page(renderers.BrowsableAPIRenderer):
    """A project's own page."""


XML = ["application/xml", "text/xml"]


@pytest.mark.parametrize(
    ("classes", "media_types"),
    [
        ([], ["application/json", *XML]),
        ([renderers.JSONRenderer], ["application/json", *XML]),
        ([Camel], ["application/json; charset=utf-8", *XML]),
        (
            [renderers.JSONRenderer, renderers.BrowsableAPIRenderer],
            ["application/json", "text/html", *XML],
        ),
        ([Page, renderers.AdminRenderer], ["application/json", "text/html", *XML]),
        ([Sheet, JSONAPI, Problem], ["application/json", *XML]),
        (
            [
                renderers.TemplateHTMLRenderer,
                renderers.StaticHTMLRenderer,
                renderers.MultiPartRenderer,
            ],
            ["application/json", *XML],
        ),
    ],
)
def test_renderers(classes: Any, media_types: list[str]) -> None:
    made = get_bulk_renderers([each() for each in classes])

    assert [each.media_type for each in made] == media_types


def test_the_viewsets_own_json_is_kept() -> None:
    own = Camel()
    first, page, *_ = get_bulk_renderers([renderers.BrowsableAPIRenderer(), own])

    assert isinstance(first, MultiStatusJSONRenderer)
    assert first.renderer is own
    assert first.format == "camel"
    assert isinstance(page, MultiStatusBrowsableRenderer)


class OwnParser(parsers.JSONParser):
    """A project's own JSON."""


class Upload(parsers.FileUploadParser):
    """A file."""


def select_renderer(accept: str | None, content_type: str, **query: str) -> str | None:
    """Return the media type of the renderer that answers."""
    http = APIRequestFactory().generic(
        "POST", "/", "<a/>", content_type=content_type, query_params=query
    )
    if accept is not None:
        http.META["HTTP_ACCEPT"] = accept
    made = get_bulk_renderers(
        [renderers.JSONRenderer(), renderers.BrowsableAPIRenderer()]
    )
    renderer, _ = BulkContentNegotiation().select_renderer(Request(http), made)
    return renderer.media_type


@pytest.mark.parametrize(
    ("accept", "content_type", "answer"),
    [
        (None, "application/json", "application/json"),
        (None, "application/xml", "application/xml"),
        (None, "text/xml; charset=utf-8", "application/xml"),
        ("*/*", "application/xml", "application/xml"),
        ("*/*;q=0.8", "application/xml", "application/xml"),
        ("*/*", "text/plain", "application/xml"),
        ("*/*", "", "application/xml"),
        ("*/*", "text/csv", "application/json"),
        ("application/json", "application/xml", "application/json"),
        ("application/json, */*", "application/xml", "application/json"),
        ("text/html, */*", "application/xml", "text/html"),
        ("application/xml", "application/json", "application/xml"),
        ("text/xml", "application/json", "text/xml"),
    ],
)
def test_answer_in_what_was_asked_in(
    accept: str | None, content_type: str, answer: str
) -> None:
    assert select_renderer(accept, content_type) == answer


def test_format_of_the_query_comes_first() -> None:
    assert select_renderer("*/*", "application/xml", format="json") == (
        "application/json"
    )


def test_parsers() -> None:
    own = OwnParser()
    made = get_bulk_parsers(
        [parsers.FormParser(), own, parsers.MultiPartParser(), Upload()]
    )

    assert [each.media_type for each in made] == ["application/json", *XML]
    assert isinstance(made[0], MultiStatusJSONParser)
    assert made[0].parser is own
