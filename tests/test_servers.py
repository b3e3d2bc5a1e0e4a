"""What clients do to servers: gunicorn over raw sockets, and Django's ASGI."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from django.core.asgi import get_asgi_application

from tests.servers import (
    JSON,
    MEDIA_TYPES,
    NOT_CHUNKED,
    XML,
    Server,
    get_body,
    get_chunks,
    get_head,
    get_write_head,
    migrate,
    run_gunicorn,
)
from tests.shop.models import Tag


@pytest.fixture(scope="module")
def gunicorn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run gunicorn with a SQLite file of its own."""
    directory = tmp_path_factory.mktemp("gunicorn")
    with run_gunicorn(directory, migrate(directory)) as server:
        yield server


@pytest.mark.once
class TestGunicorn:
    """HTTP/1.1 as it really comes."""

    @MEDIA_TYPES
    def test_fail_chunked(self, gunicorn: Server, content_type: str) -> None:
        head = get_head(
            "POST",
            "/api/tags/bulk/",
            f"Content-Type: {content_type}",
            "Transfer-Encoding: chunked",
        )
        name = f"chunked {content_type}"
        with gunicorn.connect() as wire:
            wire.send(head, get_chunks(get_body(name, content_type)))
            answer = wire.read()

        assert answer == (411, {"detail": NOT_CHUNKED})
        assert name not in gunicorn.get_names()

    def test_next_request_after_chunks(self, gunicorn: Server) -> None:
        """The chunks that nobody read are not taken for a request."""
        head = get_head(
            "POST",
            "/api/tags/bulk/",
            f"Content-Type: {JSON}",
            "Transfer-Encoding: chunked",
        )
        smuggled = get_write_head(0, method="DELETE").encode() + b"\r\n\r\n"
        body = get_body("after chunks")
        with gunicorn.connect() as wire:
            wire.send(head, get_chunks(smuggled))
            wire.send(get_write_head(len(body)), body)
            first, (status, document) = wire.read(), wire.read()

        assert first == (411, {"detail": NOT_CHUNKED})
        assert status == 207
        assert document["results"][0]["data"]["name"] == "after chunks"

    @MEDIA_TYPES
    def test_fail_half_a_body(self, gunicorn: Server, content_type: str) -> None:
        name = f"half {content_type}"
        body = get_body(name, content_type)
        with gunicorn.connect() as wire:
            wire.send(get_write_head(len(body), content_type=content_type), body[:-1])
            wire.sock.shutdown(socket.SHUT_WR)
            status, document = wire.read()

        assert status == 400
        assert document["detail"].startswith(
            "JSON parse error - "
            if content_type == JSON
            else "The body is not well-formed XML: "
        )
        assert name not in gunicorn.get_names()

    @MEDIA_TYPES
    @pytest.mark.parametrize("leave", ["close", "reset"])
    def test_disconnect_in_the_body(
        self, gunicorn: Server, leave: str, content_type: str
    ) -> None:
        name = f"{leave} {content_type}"
        body = get_body(name, content_type)
        for sent in (0, 1, len(body) // 2, len(body) - 1):
            wire = gunicorn.connect()
            wire.send(get_write_head(len(body), content_type=content_type), body[:sent])
            time.sleep(0.05)  # it is being read now
            wire.reset() if leave == "reset" else wire.sock.close()

        assert name not in gunicorn.get_names()
        with gunicorn.connect() as wire:
            wire.send(get_write_head(len(body), content_type=content_type), body)
            status, document = wire.read()
        assert status == 207
        assert document["summary"]["succeeded"] == 1

    def test_open_bodies_hold_nobody_up(self, gunicorn: Server) -> None:
        body = get_body("slow")
        with gunicorn.connect() as slow:
            slow.send(get_write_head(len(body)), body[:5])

            assert "slow" not in gunicorn.get_names()
            for byte in body[5:]:
                slow.sock.sendall(bytes([byte]))
            status, document = slow.read()
        assert status == 207
        assert document["results"][0]["data"]["name"] == "slow"

    def test_disconnect_before_the_answer(self, gunicorn: Server) -> None:
        """What arrived whole is done once, whether anybody waits for it or not."""
        body = get_body("left early")
        wire = gunicorn.connect()
        wire.send(get_write_head(len(body)), body)
        wire.sock.close()

        deadline = time.monotonic() + 10
        while "left early" not in (names := gunicorn.get_names()):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert names.count("left early") == 1

    @pytest.mark.parametrize("route", ["bulk", "batch"])
    def test_delete_with_a_body(self, gunicorn: Server, route: str) -> None:
        name = f"deleted by {route}"
        body = get_body(name)
        with gunicorn.connect() as wire:
            wire.send(get_write_head(len(body)), body)
            _, document = wire.read()
            assert name in gunicorn.get_names()
            key = document["results"][0]["data"]["id"]
            if route == "bulk":
                method, keys = "DELETE", json.dumps([key, 0]).encode()
            else:
                each = {"method": "DELETE"}
                operations = [each | {"key": key}, each | {"key": 0}]
                method, keys = "POST", json.dumps({"operations": operations}).encode()
            head = get_head(
                method,
                f"/api/tags/{route}/",
                f"Content-Type: {JSON}",
                f"Content-Length: {len(keys)}",
            )
            wire.send(head, keys)
            status, document = wire.read(method)

        assert status == 207
        assert [each["status"] for each in document["results"]] == [204, 404]
        assert name not in gunicorn.get_names()

    def test_connection_is_kept_after_refusals(self, gunicorn: Server) -> None:
        refused = [
            (JSON, b"[", 400),
            (XML, b"<!DOCTYPE x><x/>", 400),
            ("text/csv", get_body("kept text"), 415),
            (JSON, json.dumps([{}] * 1001).encode(), 413),
            (JSON, b"", 400),
        ]
        body = get_body("kept")
        with gunicorn.connect() as wire:
            statuses = []
            for content_type, content, _ in refused:
                head = get_write_head(len(content), content_type=content_type)
                wire.send(head, content)
                statuses.append(wire.read()[0])
                assert not wire.closed_by_server
            wire.send(get_write_head(len(body)), body)
            status, document = wire.read()

        assert statuses == [status for *_, status in refused]
        assert status == 207
        assert document["results"][0]["data"]["name"] == "kept"

    @MEDIA_TYPES
    def test_fail_too_large(self, gunicorn: Server, content_type: str) -> None:
        """The answer does not wait for a body that nobody will read."""
        with gunicorn.connect() as wire:
            wire.send(get_write_head(3_000_000, content_type=content_type), b" ")
            answer = wire.read()

        assert answer == (
            413,
            {
                "detail": "The body has 3000000 bytes, the limit is 2621440 bytes. "
                "Send it in several requests."
            },
        )
        assert isinstance(gunicorn.get_names(), list)

    def test_rest_of_a_refused_body(self, gunicorn: Server) -> None:
        """It is taken, for proxies that pass an answer on only when all is sent."""
        with gunicorn.connect() as wire:
            # More than the buffers of both sockets hold.
            wire.send(get_write_head(20_000_000, "Connection: close"), b" ")
            status, _ = wire.read()
            wire.sock.sendall(b" " * 19_999_999)

        assert status == 413
        assert wire.closed_by_server

    def test_expect_continue(self, gunicorn: Server) -> None:
        body = get_body("continued")
        with gunicorn.connect() as wire:
            wire.send(get_write_head(len(body), "Expect: 100-continue"))
            interim = b""
            while not interim.endswith(b"\r\n\r\n"):
                interim += wire.sock.recv(1)
            wire.sock.sendall(body)
            status, document = wire.read()

        assert interim == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert status == 207
        assert document["results"][0]["data"]["name"] == "continued"


async def talk(
    headers: dict[str, str], *events: dict[str, Any]
) -> tuple[int, Any] | None:
    """Return the answer of Django's ASGI application, if it gives one."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": "/api/tags/bulk/",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    communicator = ApplicationCommunicator(get_asgi_application(), scope)
    for event in events:
        await communicator.send_input(event)
    if any(event["type"] == "http.disconnect" for event in events):
        await communicator.wait()
        assert communicator.output_queue.empty()
        return None
    start = await communicator.receive_output()
    body = await communicator.receive_output()
    await communicator.send_input({"type": "http.disconnect"})
    await communicator.wait()
    return start["status"], json.loads(body["body"])


@pytest.mark.django_db(transaction=True)  # its views run in a thread
class TestASGI:
    """The same views, where bodies come in events."""

    HEADERS = {"host": "localhost", "content-type": JSON}

    def send(self, headers: dict[str, str], *events: dict[str, Any]) -> Any:
        return async_to_sync(talk)(self.HEADERS | headers, *events)

    def test_success(self) -> None:
        body = get_body("asgi")
        status, document = self.send(
            {"content-length": str(len(body))},
            {"type": "http.request", "body": body[:5], "more_body": True},
            {"type": "http.request", "body": body[5:]},
        )

        assert status == 207
        assert document["summary"]["succeeded"] == 1
        assert Tag.objects.get().name == "asgi"

    def test_fail_chunked(self) -> None:
        answer = self.send(
            {"transfer-encoding": "chunked"},
            {"type": "http.request", "body": get_body("asgi")},
        )

        assert answer == (411, {"detail": NOT_CHUNKED})
        assert not Tag.objects.exists()

    def test_disconnect_in_the_body(self) -> None:
        body = get_body("asgi")
        answer = self.send(
            {"content-length": str(len(body))},
            {"type": "http.request", "body": body, "more_body": True},
            {"type": "http.disconnect"},
        )

        assert answer is None
        assert not Tag.objects.exists()
