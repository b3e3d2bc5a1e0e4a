"""The ledger of each test, and the table of all of them."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import close_old_connections, connection
from rest_framework.test import APIClient

from tests.conftest import Serve
from tests.factories import ProductFactory
from tests.faults.batches import Maker, Steps
from tests.faults.ledgers import Ledger
from tests.faults.stock import KINDS
from tests.faults.tables import write_table
from tests.faults.viewsets import MEDDLERS, SAID
from tests.shop.models import Product

Send = Callable[..., Any]


@pytest.fixture
def ledger(request: pytest.FixtureRequest) -> Iterator[Ledger]:
    """Return a ledger; what it holds gets into the table."""
    found = Ledger(connection.vendor)
    yield found
    # Plain dicts, which pytest-xdist can send.
    counts = {fault: dict(each) for fault, each in found.counts.items()}
    request.node.user_properties.append(("faults", [found.vendor, counts]))


@pytest.fixture(autouse=True)
def _no_meddling(transactional_db: None) -> Iterator[None]:
    yield
    MEDDLERS.clear()
    SAID.clear()


@pytest.fixture
def maker() -> Maker:
    """Return a maker of batches on the default database."""
    return Maker()


@pytest.fixture
def send(serve: Serve) -> Send:
    """Return a function that sends a batch to a viewset, as a server would get it."""

    def send(steps: Steps, path: str = "/things/batch/") -> Any:
        # The test client leaves out what request_started and request_finished do.
        close_old_connections()
        client = APIClient(raise_request_exception=False)
        response = client.post(path, steps.body)
        close_old_connections()
        return response

    return send


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the table, and keep its figures where `python -m tests.faults` asks."""
    total: dict[tuple[str, str], Counter[str]] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", None) != "teardown":
                continue
            for name, found in report.user_properties:
                if name != "faults":
                    continue
                vendor, counts = found
                for fault, each in counts.items():
                    total.setdefault((fault, vendor), Counter()).update(each)
    if not total:
        return
    terminalreporter.section("faults")
    for line in write_table(total):
        terminalreporter.write_line(line)
    if path := os.environ.get("FAULTS_JSON"):
        rows = [[*key, counts] for key, counts in total.items()]
        Path(path).write_text(json.dumps(rows))


@pytest.fixture
def serve_kind(serve: Serve, settings: Any) -> Callable[[str], None]:
    """Return a function that serves a viewset that runs in this way."""

    def serve_kind(kind: str) -> None:
        if kind == "singly":
            settings.MULTISTATUS = {"MIN_SET_SIZE": None}
        serve(KINDS[kind])

    return serve_kind


@pytest.fixture
def rows() -> list[Product]:
    """Return six products."""
    made: list[Product] = ProductFactory.create_batch(6, name="old", price=1)
    return made
