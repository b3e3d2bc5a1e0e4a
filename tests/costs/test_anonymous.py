"""Nothing is parsed for who may not ask."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest

from multistatus_app.formats.parsers import MultiStatusJSONParser, MultiStatusXMLParser
from tests.costs.counting import KINDS_OF_ANY, LARGE, counting, send
from tests.hostile_bodies import FORM, JSON, KINDS, XML, Hostile

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.once,
    pytest.mark.urls("tests.hostile_urls"),
]


class UnreadBody(io.BytesIO):
    """A body that nobody may read."""

    def read(self, *args: Any) -> bytes:
        raise AssertionError("The body was read.")

    readline = readinto = read  # type: ignore[assignment]


class TestAnonymous:
    """Who is not authenticated is refused before the body is parsed."""

    @KINDS_OF_ANY
    def test_nothing_is_parsed(
        self, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        parsed: list[Any] = []
        for parser in (MultiStatusJSONParser, MultiStatusXMLParser):
            monkeypatch.setattr(parser, "parse", lambda *args: parsed.append(args))
        hostile = KINDS[name](LARGE)
        kind = "batch" if "/batch/" in hostile.path else "bulk"
        hostile = replace(hostile, path=f"/closed/{kind}/")
        extra = {}
        if hostile.content_type != FORM:  # which tells nothing but how it begins
            extra["wsgi.input"] = UnreadBody(hostile.body)

        send(Hostile(body=b"", path=hostile.path))  # the URLs are found, and kept

        with counting() as counts:
            response = send(hostile, **extra)

        assert response.status_code in (403, 406)
        assert parsed == []
        # The page in HTML has a form, and Accept is split by REST framework.
        if hostile.headers.keys() != {"Accept"}:
            assert counts["all"] < 3000
        assert len(response.content) < 10_000

    @pytest.mark.parametrize("content_type", [JSON, XML])
    def test_open_to_who_is_authenticated(self, content_type: str) -> None:
        """The counts above are of a refusal, not of a route that does nothing."""
        body = b'[{"text":"a"}]'
        response = send(Hostile(body=body, path="/closed/bulk/"))
        assert response.status_code == 403

        assert send(Hostile(body=body)).status_code == 207
