"""What everybody sends to whatever serves: three clients, four servers.

`runserver` makes text/plain of the media type that requests does not name.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest

from tests.proxies import Servers
from tests.senders import SENDERS, Answer, send_by_curl
from tests.servers import JSON, MEDIA_TYPES, NOT_CHUNKED, get_body

pytestmark = pytest.mark.once

ACCEPT_POST = "application/json, application/xml, text/xml"
LONG, TOO_LONG = 2_000_000, 3_000_000

CLIENTS = pytest.mark.parametrize("client", SENDERS)
SERVERS = pytest.mark.parametrize(
    "server", ["runserver", "gunicorn", "nginx", "apache"]
)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Run the servers that are asked for."""
    with ExitStack() as stack:
        yield Servers(tmp_path_factory.mktemp("servers"), stack)


@pytest.fixture(autouse=True)
def _without_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reach the servers, wherever the machine sends what goes out."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def name() -> str:
    """Return a name that no other test gives to a tag."""
    return str(uuid4())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the body is."""
    return tmp_path / "body"


def get_keys(content_type: str, *keys: int) -> bytes:
    """Return a body that deletes."""
    if content_type == JSON:
        return json.dumps(keys).encode()
    items = "".join(f"<m:item>{key}</m:item>" for key in keys)
    return f'<m:bulk xmlns:m="urn:multistatus">{items}</m:bulk>'.encode()


@CLIENTS
@SERVERS
@MEDIA_TYPES
def test_success(
    servers: Servers, server: str, client: str, content_type: str, name: str, path: Path
) -> None:
    path.write_bytes(get_body(name, content_type))
    answer = SENDERS[client](servers.get_url(server), path)

    assert answer.statuses == [201]
    assert answer.media_type == content_type
    assert name in servers.gunicorn.get_names()


@CLIENTS
@SERVERS
@MEDIA_TYPES
def test_delete(
    servers: Servers, server: str, client: str, content_type: str, name: str, path: Path
) -> None:
    path.write_bytes(get_body(name))
    created = send_by_curl(servers.get_url("gunicorn"), path)
    key = json.loads(created.content)["results"][0]["data"]["id"]
    assert name in servers.gunicorn.get_names()
    path.write_bytes(get_keys(content_type, key, 0))
    answer = SENDERS[client](servers.get_url(server), path, method="DELETE")

    assert answer.statuses == [204, 404]
    assert answer.media_type == content_type
    assert name not in servers.gunicorn.get_names()


@CLIENTS
@SERVERS
@MEDIA_TYPES
@pytest.mark.parametrize(
    "header", ["Cookie: a=b", "Origin: null", "Sec-Fetch-Site: cross-site"]
)
def test_fail_like_a_browser(
    servers: Servers,
    server: str,
    client: str,
    content_type: str,
    header: str,
    name: str,
    path: Path,
) -> None:
    """Also where nobody reads the body, which a proxy still sends then."""
    path.write_bytes(get_body(name, content_type).ljust(LONG))
    answer = SENDERS[client](servers.get_url(server), path, header)

    if client != "requests":
        told = 'Unsupported media type "application/x-www-form-urlencoded" in request'
    elif server == "runserver":
        told = 'Unsupported media type "text/plain" in request'
    else:
        told = "The request has no media type"
    detail = f"{told}; send application/json, application/xml or text/xml."
    assert answer.refusal == (415, JSON, detail)
    assert answer.headers["Accept-Post"] == ACCEPT_POST
    assert name not in servers.gunicorn.get_names()


@CLIENTS
@SERVERS
@MEDIA_TYPES
def test_fail_compressed(
    servers: Servers, server: str, client: str, content_type: str, name: str, path: Path
) -> None:
    path.write_bytes(gzip.compress(get_body(name, content_type)))
    headers = f"Content-Type: {content_type}", "Content-Encoding: gzip"
    answer = SENDERS[client](servers.get_url(server), path, *headers)

    detail = (
        'The body has the Content-Encoding "gzip"; send it without one, as '
        "application/json, application/xml or text/xml."
    )
    assert answer.refusal == (415, content_type, detail)
    assert answer.headers["Accept-Post"] == ACCEPT_POST


@CLIENTS
@SERVERS
@MEDIA_TYPES
def test_fail_too_long(
    servers: Servers, server: str, client: str, content_type: str, name: str, path: Path
) -> None:
    """A proxy does not make a 502 of it, as when the connection is reset."""
    path.write_bytes(get_body(name, content_type).ljust(TOO_LONG))
    answer = SENDERS[client](servers.get_url(server), path)

    detail = (
        "The body has 3000000 bytes, the limit is 2621440 bytes. "
        "Send it in several requests."
    )
    assert answer.refusal == (413, content_type, detail)
    assert name not in servers.gunicorn.get_names()


@SERVERS
@MEDIA_TYPES
def test_expect_continue(
    servers: Servers, server: str, content_type: str, name: str, path: Path
) -> None:
    path.write_bytes(get_body(name, content_type))
    url = servers.get_url(server)
    answer = send_by_curl(url, path, "Expect: 100-continue")

    assert answer.interim == (100,)
    assert answer.statuses == [201]
    assert name in servers.gunicorn.get_names()


def send_chunked(url: str, path: Path, content_type: str) -> Answer:
    headers = f"Content-Type: {content_type}", "Transfer-Encoding: chunked"
    return send_by_curl(url, path, *headers)


@MEDIA_TYPES
@pytest.mark.parametrize(
    ("server", "length"), [("nginx", 0), ("nginx", LONG), ("apache", 0)]
)
def test_chunked_to_who_tells_the_length(
    servers: Servers, server: str, length: int, content_type: str, name: str, path: Path
) -> None:
    """nginx waits for all of a body, Apache for the first 16 KB."""
    path.write_bytes(get_body(name, content_type).ljust(length))
    answer = send_chunked(servers.get_url(server), path, content_type)

    assert answer.statuses == [201]
    assert answer.media_type == content_type
    assert name in servers.gunicorn.get_names()


@MEDIA_TYPES
@pytest.mark.parametrize(
    ("server", "length"),
    [
        ("runserver", 0),
        ("runserver", TOO_LONG),
        ("gunicorn", 0),
        ("gunicorn", TOO_LONG),
        ("nginx-unbuffered", TOO_LONG),
        ("apache", 20_000),
        ("apache", TOO_LONG),
    ],
)
def test_fail_chunked(
    servers: Servers, server: str, length: int, content_type: str, name: str, path: Path
) -> None:
    path.write_bytes(get_body(name, content_type).ljust(length))
    answer = send_chunked(servers.get_url(server), path, content_type)

    assert answer.refusal == (411, content_type, NOT_CHUNKED)
    assert name not in servers.gunicorn.get_names()
