"""Bytes in, bytes out: a request through Django's WSGI handler, without a network."""

from __future__ import annotations

import io
import sys
from functools import cache
from typing import Any, NamedTuple

from django.core.handlers.wsgi import WSGIHandler


class Answer(NamedTuple):
    """What came back."""

    status: int
    content: bytes


@cache
def get_application() -> WSGIHandler:
    """Return the handler, its middleware loaded once."""
    return WSGIHandler()


def ask(method: str, url: str, body: bytes) -> Answer:
    """Send JSON and read the answer to its end, as a server does."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": url,
        "QUERY_STRING": "",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_ACCEPT": "application/json",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.url_scheme": "http",
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    statuses: list[str] = []

    def start_response(status: str, headers: Any, exc_info: Any = None) -> None:
        statuses.append(status)

    response: Any = get_application()(environ, start_response)
    content = b"".join(response)
    response.close()
    return Answer(int(statuses[0][:3]), content)
