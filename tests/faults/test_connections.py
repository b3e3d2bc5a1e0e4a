"""A connection that is killed, at each round trip of a request in turn."""

from __future__ import annotations

import os
from typing import Any

import pytest
from django.db import connection

from tests.conftest import Serve
from tests.faults.batches import Maker, Steps
from tests.faults.conftest import Send
from tests.faults.injecting import injecting, interrupt, kill
from tests.faults.ledgers import Ledger
from tests.faults.viewsets import (
    MEDDLERS,
    STRATEGIES,
    Audited,
)

CASES = [
    *(
        (name, kind, "")
        for name in STRATEGIES
        for kind in ("create", "update", "delete")
    ),
    *((name, "mixed", "") for name in STRATEGIES),
    *(
        (name, "mixed", option)
        for name in ("operation", "group")
        for option in ("?atomic=1", "?dry_run=1")
    ),
    ("audited", "mixed", ""),
    ("audited", "refused last", ""),
]
VIEWSETS = STRATEGIES | {"audited": Audited}

killable = pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite has no connection to kill."
)
FAULTS = {
    "sqlite": ("statement interrupted", interrupt),
    "postgresql": ("connection killed", kill),
    "mysql": ("connection killed", kill),
}


@pytest.mark.parametrize(("strategy", "kind", "option"), CASES)
def test_at_each_round_trip(
    send: Send,
    serve: Serve,
    maker: Maker,
    ledger: Ledger,
    strategy: str,
    kind: str,
    option: str,
) -> None:
    serve(VIEWSETS[strategy])
    name, fault = FAULTS[connection.vendor]
    path = f"/things/batch/{option}"
    send(maker.make(kind))  # what is cached for good is cached
    steps = maker.make(kind)
    with injecting(fault) as undisturbed:
        send(steps, path)
    trips = undisturbed.trips
    last = max((at for at, trip in enumerate(trips, 1) if trip == "_commit"), default=0)

    assert len(trips) > 10
    for at in choose(trips):
        steps = maker.make(kind)
        with injecting(fault, at) as injector:
            response = send(steps, path)
        assert injector.was_hit
        if is_in_doubt(trips, at):
            ledger.judge_in_doubt(f"{name} just after COMMIT", steps, response)
            continue
        statuses = ledger.judge(f"{name} at each statement", steps, response)
        if connection.vendor != "sqlite" and at <= last and not option:
            check_answer(strategy, statuses, response, steps)
    after = maker.make(kind)
    assert ledger.judge("(nothing)", after, send(after)) == after.statuses
    ledger.counts.pop("(nothing)")


def choose(trips: list[str]) -> list[int]:
    """Return where to inject: everywhere with FAULTS_ALL, else here and there."""
    places = list(range(1, len(trips) + 1))
    if connection.vendor == "sqlite":
        # A rollback is never interrupted; a memory database would then be committed.
        places = [at for at in places if trips[at - 1] != "_rollback"]
    if os.environ.get("FAULTS_ALL"):
        return places
    return sorted({*places[len(trips) % 4 :: 4], *places[-3:]})


def is_in_doubt(trips: list[str], at: int) -> bool:
    """Whether it is the round trip that MariaDB's driver makes after a COMMIT."""
    return connection.vendor == "mysql" and trips[at - 2 : at] == [
        "_commit", "_set_autocommit",
    ]  # fmt: skip


def check_answer(strategy: str, statuses: Any, response: Any, steps: Steps) -> None:
    """A 503 for the request; a 207 only where something had been committed."""
    if statuses is None:
        return
    assert strategy == "commit"
    done = statuses.index(503)
    assert done
    assert done % 2 == 0
    assert statuses == steps.statuses[:done] + [503] * (len(statuses) - done)
    for result in response.json()["results"][done:]:
        assert result["retry_after"] == 1
        assert result["error"]["code"] == "database_unavailable"


@killable
@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("kind", ["create", "delete"])
@pytest.mark.parametrize("place", [0, 1, -1])
def test_closed_by_a_hook(
    send: Send,
    serve: Serve,
    maker: Maker,
    ledger: Ledger,
    strategy: str,
    kind: str,
    place: int,
) -> None:
    serve(STRATEGIES[strategy])
    steps = maker.make(kind)
    MEDDLERS[steps.steps[place].sku] = connection.close

    response = send(steps)

    statuses = ledger.judge("connection closed by a hook", steps, response)
    late = (strategy, place) == ("commit", -1)
    assert statuses == ([*steps.statuses[:-1], 503] if late else None)
