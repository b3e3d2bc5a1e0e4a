"""Statements that the database gives up, and a connection that was idle for too long.

A statement that is canceled fails its operation and nothing else: 500, as the single
endpoint answers it, and what the operation did is rolled back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from tests.answers import get_statuses
from tests.conftest import Serve
from tests.faults.batches import Maker
from tests.faults.conftest import Send
from tests.faults.injecting import session
from tests.faults.ledgers import Ledger
from tests.faults.viewsets import MEDDLERS, STRATEGIES

pytestmark = pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite has no timeouts."
)
with_strategies = pytest.mark.parametrize("strategy", STRATEGIES)

LIMITS = {
    "postgresql": {"options": "-c statement_timeout=200ms"},
    "mysql": {"init_command": "SET SESSION max_statement_time = 0.2"},
}


def sleep() -> None:
    """Run a statement that takes too long."""
    function = "pg_sleep" if connection.vendor == "postgresql" else "SLEEP"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(5)")


def swallow() -> None:
    """Run it, and go on as if nothing had been."""
    try:
        sleep()
    except DatabaseError:
        return


def swallow_safely() -> None:
    """Run it in a savepoint, which is how to go on."""
    try:
        with transaction.atomic():
            sleep()
    except DatabaseError:
        return


@with_strategies
@pytest.mark.parametrize("place", [0, 1, -1])
@pytest.mark.parametrize(
    ("meddle", "status"), [(sleep, 500), (swallow, None), (swallow_safely, 201)]
)
def test_statement_timeout(
    send: Send,
    serve: Serve,
    maker: Maker,
    ledger: Ledger,
    strategy: str,
    place: int,
    meddle: Callable[[], None],
    status: int | None,
) -> None:
    serve(STRATEGIES[strategy])
    steps = maker.make("create")
    MEDDLERS[steps.steps[place].sku] = meddle
    if status is None:
        # PostgreSQL takes nothing more in that savepoint; MariaDB undid the SELECT.
        status = 500 if connection.vendor == "postgresql" else 201

    with session(**LIMITS[connection.vendor]):
        response = send(steps)

    expected = [*steps.statuses]
    expected[place] = status
    assert ledger.judge("statement timeout", steps, response) == expected
    MEDDLERS.clear()
    after = maker.make("mixed")
    assert get_statuses(send(after)) == after.statuses


def test_single_request_is_answered_the_same(
    serve: Serve, maker: Maker, api: Any
) -> None:
    serve(STRATEGIES["operation"])
    step = maker.create()
    MEDDLERS[step.sku] = sleep

    with session(**LIMITS[connection.vendor]):
        response = api.post("/things/", step.operation["data"])

    assert response.status_code == 500


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL's own.")
@with_strategies
@pytest.mark.parametrize("place", [0, -1])
def test_idle_in_transaction(
    send: Send, serve: Serve, maker: Maker, ledger: Ledger, strategy: str, place: int
) -> None:
    """A hook that is slow elsewhere: the server ends the whole connection."""
    import time

    serve(STRATEGIES[strategy])
    steps = maker.make("create")
    MEDDLERS[steps.steps[place].sku] = lambda: time.sleep(0.4)

    with session(options="-c idle_in_transaction_session_timeout=200ms"):
        response = send(steps)

    late = (strategy, place) == ("commit", -1)
    statuses = ledger.judge("idle in transaction for too long", steps, response)
    assert statuses == ([201, 201, 503] if late else None)
    MEDDLERS.clear()
    after = maker.make("mixed")
    assert get_statuses(send(after)) == after.statuses
