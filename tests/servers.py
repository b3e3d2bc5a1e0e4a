"""Servers as clients meet them: gunicorn over raw sockets."""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
JSON = "application/json"
XML = "application/xml"
MEDIA_TYPES = pytest.mark.parametrize("content_type", [JSON, XML])
NOT_CHUNKED = "The body came without a Content-Length; send it with one, not chunked."
UNREADABLE = "The body ended before all of it had arrived."


class Server:
    """A gunicorn that runs, and what it wrote."""

    def __init__(self, port: int, log: Path) -> None:
        self.port = port
        self.log = log

    def connect(self) -> Wire:
        """Return a new connection."""
        return Wire(socket.create_connection(("127.0.0.1", self.port), timeout=20))

    def get_names(self) -> list[str]:
        """Return the names of all tags, by a request of its own."""
        with self.connect() as wire:
            wire.send(get_head("GET", "/api/tags/"))
            status, document = wire.read()
        assert status == 200
        return [each["name"] for each in document]


class Wire:
    """One connection, and what goes over it as it is."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.closed_by_server = False

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *args: object) -> None:
        self.sock.close()

    def send(self, head: str, body: bytes = b"") -> None:
        """Send a head and a body."""
        self.sock.sendall(head.encode() + b"\r\n\r\n" + body)

    def read(self, method: str = "GET") -> tuple[int, Any]:
        """Return the status of the next answer and what its JSON says."""
        response = HTTPResponse(self.sock, method=method)
        response.begin()
        content = response.read()
        self.closed_by_server = response.will_close
        return response.status, json.loads(content)

    def reset(self) -> None:
        """Break the connection: the server gets an error when it reads on."""
        linger = struct.pack("ii", 1, 0)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.sock.close()


_ALWAYS = ("Host: localhost", "Accept: application/json")


def get_head(method: str, path: str, *headers: str) -> str:
    """Return a request line and headers."""
    return "\r\n".join([f"{method} {path} HTTP/1.1", *_ALWAYS, *headers])


def get_write_head(
    length: int, *headers: str, method: str = "POST", content_type: str = JSON
) -> str:
    """Return the head of a request to `/api/tags/bulk/`."""
    return get_head(
        method,
        "/api/tags/bulk/",
        f"Content-Type: {content_type}",
        f"Content-Length: {length}",
        *headers,
    )


def get_body(name: str, content_type: str = JSON) -> bytes:
    """Return a body that creates a tag."""
    if content_type == JSON:
        return json.dumps([{"name": name}]).encode()
    namespaces = 'xmlns:m="urn:multistatus" xmlns="urn:multistatus:fields"'
    item = f"<m:item><name>{name}</name></m:item>"
    return f"<m:bulk {namespaces}>{item}</m:bulk>".encode()


def get_chunks(body: bytes) -> bytes:
    """Return a body in chunks of one byte (RFC 9112 7.1)."""
    return b"".join(b"1\r\n%c\r\n" % each for each in body) + b"0\r\n\r\n"


def migrate(directory: Path) -> dict[str, str]:
    """Make the tables in a file, and return the environment of who serves them."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE": "sqlite",
        "SQLITE_DB": str(directory / "db.sqlite3"),
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, "-m", "django", "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=60)
    return environment


@contextmanager
def run_gunicorn(directory: Path, environment: dict[str, str]) -> Iterator[Server]:
    """Run gunicorn with threads on a free port."""
    log = directory / "log"
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        log.open("wb") as stderr,
        subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "tests.wsgi:application"),
                *("--bind", f"fd://{listener.fileno()}"),
                *("--worker-class", "gthread", "--threads", "4"),
                *("--worker-tmp-dir", str(directory), "--no-control-socket"),
            ],
            cwd=ROOT,
            env=environment,
            stderr=stderr,
            pass_fds=[listener.fileno()],
        ) as process,
    ):
        yield Server(listener.getsockname()[1], log)
        process.terminate()
        assert process.wait(timeout=20) == 0
    assert "Traceback" not in log.read_text()
