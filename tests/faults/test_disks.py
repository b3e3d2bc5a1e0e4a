"""SQLite on a file: a disk that is full, and a file that somebody else has locked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.answers import get_statuses
from tests.conftest import Serve
from tests.faults.batches import Maker, Steps
from tests.faults.conftest import Send
from tests.faults.injecting import on_file, session
from tests.faults.ledgers import Ledger
from tests.faults.viewsets import STRATEGIES
from tests.shop.models import Event

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's own."),
]
with_strategies = pytest.mark.parametrize("strategy", STRATEGIES)


@pytest.fixture(autouse=True)
def _disk(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """Have the database in a file of the test's own, with the same tables."""
    options = {"timeout": 0.1, "transaction_mode": "IMMEDIATE"}
    with on_file(tmp_path / "db.sqlite3", **options):
        yield


def run(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


@with_strategies
@pytest.mark.parametrize("spare", range(0, 14, 2))
def test_full(
    send: Send, serve: Serve, maker: Maker, ledger: Ledger, strategy: str, spare: int
) -> None:
    """One operation's failure, as in a single request: others may still find room."""
    serve(STRATEGIES[strategy])
    big = {"text": "x" * 8000}
    steps = Steps(tuple(maker.create(attributes=big) for _ in range(8)))
    pages = run("PRAGMA page_count")

    with session(init_command=f"PRAGMA max_page_count = {pages + spare}"):
        response = send(steps)

    statuses = ledger.judge("disk full", steps, response)
    if statuses is not None:
        assert 500 in statuses
        assert set(statuses) <= {201, 500, 503}
    after = maker.make("mixed")
    assert get_statuses(send(after)) == after.statuses


@with_strategies
def test_locked(
    send: Send, serve: Serve, maker: Maker, ledger: Ledger, strategy: str
) -> None:
    serve(STRATEGIES[strategy])
    steps = maker.make("mixed")
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("BEGIN IMMEDIATE")
        response = send(steps)
        cursor.execute("ROLLBACK")
    other.close()

    assert ledger.judge("file locked", steps, response) is None
    assert not Event.objects.exists()
    assert get_statuses(send(steps)) == steps.statuses
