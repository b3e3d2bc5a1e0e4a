"""Which formats the bulk routes speak."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework import renderers

from multistatus_app.browsable import MultiStatusBrowsableRenderer
from multistatus_app.negotiation import get_bulk_renderers
from multistatus_app.renderers import MultiStatusJSONRenderer

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
