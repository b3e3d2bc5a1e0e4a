"""Transactions that cannot both go on: deadlock, serialization failure, held locks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.db import connection, transaction

from tests.conftest import Serve
from tests.faults.batches import Maker, Steps
from tests.faults.conftest import Send
from tests.faults.injecting import get_quick_deadlocks, run_together, session
from tests.faults.ledgers import Ledger
from tests.faults.viewsets import MEDDLERS, STRATEGIES, derive
from tests.shop.models import Product

pytestmark = pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite has one writer."
)
with_strategies = pytest.mark.parametrize("strategy", STRATEGIES)
with_retries = pytest.mark.parametrize("retries", [0, 2])


def derive_retrying(strategy: str, retries: int) -> Any:
    """Return the viewset of a strategy, whose hooks may run again if it retries."""
    return derive(
        strategy,
        bulk_retries=retries,
        bulk_replayable=(bool(retries) or STRATEGIES[strategy].bulk_replayable),
    )


def meet_once(*skus: str) -> None:
    """Have the operations on these rows wait until each has been done once."""
    met = [threading.Event() for _ in skus]

    def get_meddler(number: int) -> Callable[[], None]:
        def wait() -> None:
            met[number].set()
            for event in met:
                event.wait(10)

        return wait

    for number, sku in enumerate(skus):
        MEDDLERS[sku] = get_meddler(number)


@with_strategies
@with_retries
@pytest.mark.parametrize("before", [0, 2])
def test_deadlock(
    send: Send,
    serve: Serve,
    maker: Maker,
    ledger: Ledger,
    strategy: str,
    retries: int,
    before: int,
) -> None:
    """Two batches take two rows in opposite order, after so many other operations."""
    serve(derive_retrying(strategy, retries))
    first, second = maker.make_row(), maker.make_row()
    one, other = (
        Steps(
            (
                *(maker.create() for _ in range(before)),
                *(maker.change_row(row, name=name, shared=True) for row in rows),
            )
        )
        for name, rows in (("one", (first, second)), ("other", (second, first)))
    )
    meet_once(first.sku, second.sku)

    with get_quick_deadlocks():
        answers = run_together(lambda: send(one), lambda: send(other))

    done = 0
    for steps, response in zip((one, other), answers, strict=True):
        statuses = ledger.judge(f"deadlock, {retries} retries", steps, response)
        done += (statuses or []).count(200)
        if statuses is not None and statuses != steps.statuses:
            assert (retries, strategy, before) == (0, "commit", 2)
            assert statuses == [201, 201, 503, 503]
    # What was committed on the way is not run again, but what was not.
    assert done == (4 if retries else 2)
    assert sum(Product.objects.values_list("stock", flat=True)) == done
    check_next(send, maker)


def check_next(send: Send, maker: Maker) -> None:
    """The next request is served as if nothing had been."""
    MEDDLERS.clear()
    steps = maker.make("mixed")
    response = send(steps)
    assert [each["status"] for each in response.json()["results"]] == steps.statuses


def get_snapshots(level: str) -> AbstractContextManager[None]:
    """Have transactions that refuse what was changed since they began."""
    if connection.vendor == "postgresql":
        from psycopg import IsolationLevel

        return session(isolation_level=IsolationLevel[level])
    return session(
        isolation_level="repeatable read",
        init_command="SET SESSION innodb_snapshot_isolation = 1",
    )


@with_strategies
@with_retries
def test_changed_since_the_snapshot(
    send: Send, serve: Serve, maker: Maker, ledger: Ledger, strategy: str, retries: int
) -> None:
    serve(derive_retrying(strategy, retries))
    row = maker.make_row()
    steps = Steps((maker.create(), maker.change_row(row)))
    once = iter([1])

    def change() -> None:
        with transaction.atomic():
            Product.objects.filter(pk=row.pk).update(price=5)

    MEDDLERS[steps.steps[0].sku] = lambda: next(once, 0) and run_together(change)
    with get_snapshots("REPEATABLE_READ"):
        response = send(steps)

    fault = f"serialization failure, {retries} retries"
    statuses = ledger.judge(fault, steps, response)
    assert statuses == (steps.statuses if retries else None)
    check_next(send, maker)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL's own.")
@with_strategies
@with_retries
def test_write_skew(
    send: Send, serve: Serve, maker: Maker, ledger: Ledger, strategy: str, retries: int
) -> None:
    """Each reads what the other writes; one of them is refused, if only at commit."""
    serve(derive_retrying(strategy, retries))
    batches = [Steps((maker.create(), maker.change())) for _ in range(2)]
    skus = [steps.steps[1].sku for steps in batches]
    meet_once(*skus)
    wait = dict(MEDDLERS)

    def read_and_wait(sku: str) -> None:
        list(Product.objects.values_list("stock", flat=True))
        wait[sku]()

    for sku in skus:
        MEDDLERS[sku] = lambda sku=sku: read_and_wait(sku)
    with get_snapshots("SERIALIZABLE"):
        answers = run_together(*(lambda each=each: send(each) for each in batches))

    fault = f"write skew, {retries} retries"
    found = [
        ledger.judge(fault, steps, response)
        for steps, response in zip(batches, answers, strict=True)
    ]
    if retries:
        assert found == [[201, 200], [201, 200]]
    else:
        assert sorted(found, key=bool) == [None, [201, 200]]
    check_next(send, maker)


@with_strategies
def test_a_row_that_is_held_too_long(
    send: Send, serve: Serve, maker: Maker, ledger: Ledger, strategy: str
) -> None:
    """The database's own limit: 423 for the operation, and only for it."""
    serve(STRATEGIES[strategy])
    row = maker.make_row()
    steps = Steps((maker.create(), maker.change_row(row), maker.delete()))
    holding, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            list(Product.objects.select_for_update().filter(pk=row.pk))
            holding.set()
            done.wait(30)

    def ask() -> Any:
        holding.wait(30)
        try:
            return send(steps)
        finally:
            done.set()

    limit = (
        {"options": "-c lock_timeout=100ms"}
        if connection.vendor == "postgresql"
        else {"init_command": "SET SESSION innodb_lock_wait_timeout = 1"}
    )
    with session(**limit):
        response = run_together(hold, ask)[1]

    assert ledger.judge("lock timeout", steps, response) == [201, 423, 204]
    check_next(send, maker)
