"""A commit that the database refuses, or whose answer never arrives."""

from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import patch

import pytest
from django.db import OperationalError, connection

from tests.answers import get_statuses
from tests.conftest import Serve
from tests.faults.batches import Maker, Steps
from tests.faults.conftest import Send
from tests.faults.ledgers import Ledger
from tests.faults.viewsets import MEDDLERS, STRATEGIES, Audited, derive
from tests.shop.models import Shipment

with_strategies = pytest.mark.parametrize("strategy", STRATEGIES)
deferring = pytest.mark.skipif(
    connection.vendor == "mysql", reason="MariaDB checks nothing at commit."
)
on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="PostgreSQL's own."
)


def write_an_orphan() -> None:
    """Break a deferred foreign key."""
    Shipment.objects.create(product_id=999_999_999)


@deferring
@with_strategies
@pytest.mark.parametrize("place", [0, 4])
def test_an_orphan_of_a_handler(
    send: Send, serve: Serve, maker: Maker, ledger: Ledger, strategy: str, place: int
) -> None:
    """The project's own handler writes what the commit would refuse: it is undone."""
    serve(derive(strategy, Audited))
    steps = list(maker.make("create", size=4).steps)
    steps.insert(place, maker.create(price="none", status=400))
    MEDDLERS["audit"] = write_an_orphan

    asked = Steps(tuple(steps))
    response = send(asked)

    statuses = ledger.judge("handler writes an orphan", asked, response)
    assert statuses == asked.statuses
    assert not Shipment.objects.exists()
    MEDDLERS.clear()
    check_next(send, maker)


def check_next(send: Send, maker: Maker) -> None:
    """The next request is served as if nothing had been."""
    steps = maker.make("mixed")
    assert get_statuses(send(steps)) == steps.statuses


@pytest.fixture
def _refusing_trigger() -> Iterator[None]:
    """Make a deferred trigger that refuses a name, and not before it has to."""
    with connection.cursor() as cursor:
        cursor.execute("""
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF NEW.name = 'refused' THEN
                    RAISE EXCEPTION 'never' USING ERRCODE = 'P0001';
                END IF;
                RETURN NULL;
            END $$;
            CREATE CONSTRAINT TRIGGER refusing AFTER INSERT ON shop_product
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse();
        """)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER refusing ON shop_product; DROP FUNCTION refuse()")


@on_postgresql
@with_strategies
@pytest.mark.usefixtures("_refusing_trigger")
def test_a_deferred_trigger_fails_its_operation(
    send: Send, serve: Serve, maker: Maker, ledger: Ledger, strategy: str
) -> None:
    serve(STRATEGIES[strategy])
    refused = maker.create(name="refused", status=500)
    steps = Steps((maker.create(), refused, maker.delete(), maker.create()))

    response = send(steps)

    statuses = ledger.judge("deferred trigger raises", steps, response)
    assert statuses == [201, 500, 204, 201]
    check_next(send, maker)


@with_strategies
def test_an_answer_that_never_arrives(
    send: Send, serve: Serve, maker: Maker, ledger: Ledger, strategy: str
) -> None:
    """Committed, and nobody can know: what happened is told as what is not certain."""
    serve(STRATEGIES[strategy])
    steps = maker.make("create", size=2)
    commit = connection._commit

    def lose_the_answer() -> None:
        commit()
        raise OperationalError("server closed the connection unexpectedly")

    with patch.object(connection, "_commit", lose_the_answer):
        response = send(steps)

    assert response.status_code == 503
    ledger.judge_in_doubt("answer to COMMIT lost", steps, response)
    check_next(send, maker)
