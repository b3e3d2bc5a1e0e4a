"""Document types and entities: nothing is read, and nobody is called."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.hostile.asking import FORMATS, XML, get_refusal, get_statuses, send, xml_bulk
from tests.shop.models import Tag

pytestmark = pytest.mark.django_db

DTD_REFUSED = (
    "The XML has a document type declaration; "
    "send it without one, and without entities."
)


@contextmanager
def listen() -> Iterator[socket.socket]:
    """Listen on a free port, as somebody would who waits for a parser to call."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


class TestEntities:
    """RFC 4918 17 and 20.6: XML is read, never obeyed."""

    BOMB = "".join(
        f'<!ENTITY e{each} "{f"&e{each - 1};" * 10}">' for each in range(1, 10)
    )
    QUADRATIC = f'<!ENTITY e9 "{"a" * 100_000}">'

    @FORMATS
    @pytest.mark.parametrize(
        "dtd",
        [
            f'<!DOCTYPE x [<!ENTITY e0 "lol">{BOMB}]>',
            f"<!DOCTYPE x [{QUADRATIC}]>",
            "<!DOCTYPE x>",
            "<!DOCTYPE x []>",
            '<!DOCTYPE x PUBLIC "-//W3C//DTD XHTML 1.0//EN" "xhtml1.dtd">',
        ],
        ids=["bomb", "quadratic", "empty", "internal", "public"],
    )
    def test_fail_document_type(self, dtd: str, accept: str) -> None:
        body = xml_bulk("&e9;" * 20 if "ENTITY" in dtd else "a", before=dtd)
        response = send("/api/tags/bulk/", body, content_type=XML, HTTP_ACCEPT=accept)

        assert response.status_code == 400
        assert get_refusal(response) == DTD_REFUSED
        assert not Tag.objects.exists()

    def test_fail_external_file(self, tmp_path: Path) -> None:
        secret = tmp_path / "secret"
        secret.write_text("the secret inside")
        dtd = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'
        body = xml_bulk("&e;", before=dtd)
        response = send("/api/tags/bulk/", body, content_type=XML)

        assert response.status_code == 400
        assert get_refusal(response) == DTD_REFUSED
        assert b"the secret inside" not in response.content
        assert not Tag.objects.exists()

    @pytest.mark.parametrize(
        "dtd",
        [
            '<!DOCTYPE x SYSTEM "{url}">',
            '<!DOCTYPE x [<!ENTITY e SYSTEM "{url}">]>',
            '<!DOCTYPE x [<!ENTITY % p SYSTEM "{url}"> %p;]>',
        ],
        ids=["doctype", "entity", "parameter"],
    )
    def test_fail_external_address(self, dtd: str) -> None:
        with listen() as server:
            url = f"http://127.0.0.1:{server.getsockname()[1]}/x"
            body = xml_bulk("&e;", before=dtd.format(url=url))
            response = send("/api/tags/bulk/", body, content_type=XML)

            with pytest.raises(BlockingIOError):
                server.accept()  # nobody called
        assert response.status_code == 400
        assert get_refusal(response) == DTD_REFUSED

    def test_includes_are_passed_over(self, tmp_path: Path) -> None:
        secret = tmp_path / "secret"
        secret.write_text("the secret inside")
        include = (
            '<i:include xmlns:i="http://www.w3.org/2001/XInclude" parse="text" '
            f'href="{secret.as_uri()}"/>'
        )
        response = send("/api/tags/bulk/", xml_bulk(f"a{include}"), content_type=XML)

        assert get_statuses(response) == [201]
        assert Tag.objects.get().name == "a"
