"""Workers that die and clients that go: a real gunicorn on the tests' own database."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.faults.batches import Maker, Step, Steps
from tests.faults.injecting import on_file
from tests.faults.ledgers import Ledger
from tests.faults.viewsets import STRATEGIES

ROOT = Path(__file__).resolve().parent.parent.parent
with_strategies = pytest.mark.parametrize("strategy", STRATEGIES)


@pytest.fixture(scope="module")
def file(
    django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Path | None:
    """Return where to copy the database to, where it is one in memory."""
    if connection.vendor != "sqlite":
        return None
    return tmp_path_factory.mktemp("faults") / "db.sqlite3"


@pytest.fixture(scope="module")
def port(file: Path | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Run a gunicorn of one worker and return its port."""
    directory = tmp_path_factory.mktemp("gunicorn")
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
        "POSTGRES_DB": str(connection.settings_dict["NAME"]),
        "MARIADB_DB": str(connection.settings_dict["NAME"]),
        "SQLITE_DB": str(file),
    }
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        (directory / "log").open("wb") as log,
        subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "tests.wsgi:application"),
                *("--bind", f"fd://{listener.fileno()}"),
                *("--worker-tmp-dir", str(directory), "--no-control-socket"),
            ],
            cwd=ROOT,
            env=environment,
            stderr=log,
            pass_fds=[listener.fileno()],
        ) as process,
    ):
        yield listener.getsockname()[1]
        process.terminate()
        assert process.wait(timeout=20) == 0


@pytest.fixture(autouse=True)
def _same_database(transactional_db: None, file: Path | None) -> Iterator[None]:
    """Look at the database that the server writes to."""
    if file is None:
        yield
        return
    with on_file(file, timeout=20):
        yield


class Answer:
    """What came back, as the ledger reads it."""

    def __init__(self, status: int, content: bytes) -> None:
        self.status_code = status
        self.content = content

    def json(self) -> Any:
        """Return the document."""
        return json.loads(self.content)


def send(port: int, strategy: str, steps: Steps) -> socket.socket:
    """Send a request and return its socket."""
    body = json.dumps(steps.body).encode()
    head = (
        f"POST /{strategy}/batch/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    sock = socket.create_connection(("127.0.0.1", port), timeout=30)
    sock.sendall(head.encode() + body)
    return sock


def read(sock: socket.socket) -> Answer | None:
    """Return the answer, or None where the connection ended without one."""
    with sock:
        response = HTTPResponse(sock)
        try:
            response.begin()
            return Answer(response.status, response.read())
        except (HTTPException, ConnectionError):
            return None


def get_done(steps: Steps) -> list[bool]:
    """Return which operations were done; each wholly or not at all."""
    found = [step.get_traces(steps.using, callbacks=False) for step in steps.steps]
    assert all(len(each) == 1 for each in found)
    return [each == {True} for each in found]


def check_next(port: int, maker: Maker, strategy: str) -> None:
    """The next request is served, by another worker, as if nothing had been."""
    steps = maker.make("mixed")
    deadline = time.monotonic() + 20
    answer = None
    while answer is None and time.monotonic() < deadline:
        answer = read(send(port, strategy, steps))
    assert answer is not None
    assert [each["status"] for each in answer.json()["results"]] == steps.statuses


@with_strategies
@pytest.mark.parametrize("place", [0, 3, 4])
@pytest.mark.parametrize("kind", ["create", "update"])
def test_killed_in_the_middle(
    port: int, maker: Maker, ledger: Ledger, strategy: str, place: int, kind: str
) -> None:
    make: Callable[..., Step] = maker.create if kind == "create" else maker.change
    names = ["sigkill" if each == place else "changed" for each in range(5)]
    steps = Steps(tuple(make(name=name) for name in names))

    answer = read(send(port, strategy, steps))

    assert answer is None
    ledger.judge("worker killed in the batch", steps, answer, callbacks=False)
    committed = place // 2 * 2 if strategy == "commit" else 0
    assert get_done(steps) == [each < committed for each in range(5)]
    check_next(port, maker, strategy)


@with_strategies
def test_killed_after_the_commit(
    port: int, maker: Maker, ledger: Ledger, strategy: str
) -> None:
    """The client is told nothing, and the whole transaction is there."""
    names = ["changed", "sigkill after commit", "changed"]
    steps = Steps(tuple(maker.create(name=name) for name in names))

    answer = read(send(port, strategy, steps))

    assert answer is None
    ledger.judge("worker killed after COMMIT", steps, answer, callbacks=False)
    assert get_done(steps) == [True, True, strategy != "commit"]
    check_next(port, maker, strategy)


@with_strategies
@pytest.mark.parametrize("leave", ["close", "reset", "shutdown"])
def test_the_client_is_gone(
    port: int, maker: Maker, ledger: Ledger, strategy: str, leave: str
) -> None:
    """What was asked is done, whole; nobody is told."""
    steps = Steps(tuple(maker.create(name="slow") for _ in range(3)))

    sock = send(port, strategy, steps)
    time.sleep(0.1)  # it is being worked on now
    if leave == "shutdown":
        sock.shutdown(socket.SHUT_WR)
        answer = read(sock)
        assert answer is not None
    else:
        if leave == "reset":
            linger = b"\1\0\0\0\0\0\0\0"
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        sock.close()
        answer = None
    # One worker: it answers the next request after this one.
    check_next(port, maker, strategy)

    ledger.judge("client gone before the answer", steps, answer, callbacks=False)
    assert get_done(steps) == [True, True, True]
