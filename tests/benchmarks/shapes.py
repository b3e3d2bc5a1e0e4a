"""What each shape of real projects costs: singly, in a naive loop, in one request.

    python -m tests.benchmarks.shapes

CPU seconds of this process, whole requests, bytes in to bytes out, in turns, medians.
"""

from __future__ import annotations

import argparse
import gc
import json
import logging
import re
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from tests.benchmarks.databases import describe, ready
from tests.benchmarks.wire import ask

CONTROL: Final = re.compile(
    r"\s*(?:SAVEPOINT|RELEASE|ROLLBACK|BEGIN|COMMIT|SET CONSTRAINTS|PRAGMA)\b"
    r"|.*\b(?:sqlite_master|pragma_foreign_key_list)\b"
    r"""|SELECT DISTINCT ("\w+") FROM "\w+" WHERE \1 IN \(""",
    re.DOTALL,
)
"""Statements that control transactions, or ask whether what was deferred holds."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What one work of one shape cost, ms and statements an operation."""

    single: float
    naive: float
    bulk: float
    statements: tuple[float, float]
    """Singly and in bulk, without control."""
    control: tuple[float, float]
    how: str
    """`sets`, or why it was run one by one."""


def send_singly(shape: Any, asked: Sequence[Any]) -> Callable[[], None]:
    """Return a call that sends a request for each."""
    from tests.benchmarks import shape_works as works

    requests = [
        (method, url, works.encode(data))
        for method, url, data in works.get_singles(shape, asked)
    ]

    def send() -> None:
        for method, url, body in requests:
            answer = ask(method, url, body)
            assert answer.status < 300, answer

    return send


def send_naively(shape: Any, asked: Sequence[Any]) -> Callable[[], None]:
    """Return a call that sends all to the naive loop."""
    from tests.benchmarks import shape_works as works

    method, url, data = works.get_naive(shape, asked)
    body = works.encode(data)

    def send() -> None:
        answer = ask(method, url, body)
        assert answer.status == 207, answer
        told = json.loads(answer.content)
        assert all(each["status"] < 300 for each in told), told[:3]

    return send


def send_at_once(shape: Any, asked: Sequence[Any]) -> Callable[[], None]:
    """Return a call that sends all in one request."""
    from tests.benchmarks import shape_works as works

    method, url, data = works.get_bulk(shape, asked)
    body = works.encode(data)

    def send() -> None:
        answer = ask(method, url, body)
        assert answer.status == 207, answer
        told = f'"succeeded":{len(asked)},'.encode()
        assert told in answer.content, answer.content[:1000]

    return send


WAYS: Final = (send_singly, send_naively, send_at_once)


def measure(shape: Any, work: str, operations: int, runs: int) -> Measured:
    """Measure one work of a shape, each way in turns."""
    from tests.benchmarks.shape_works import make_asked

    for way in WAYS:
        way(shape, make_asked(shape, work, 20))()
    taken: list[list[float]] = [[] for _ in WAYS]
    for _ in range(runs):
        for way, times in zip(WAYS, taken, strict=True):
            send = way(shape, make_asked(shape, work, operations))
            gc.collect()
            started = time.process_time()
            send()
            times.append((time.process_time() - started) / operations * 1000)
    single, naive, bulk = map(statistics.median, taken)
    counts = [
        count_statements(way(shape, make_asked(shape, work, 100)), 100)
        for way in (send_singly, send_at_once)
    ]
    return Measured(
        single=single,
        naive=naive,
        bulk=bulk,
        statements=(counts[0][0], counts[1][0]),
        control=(counts[0][1], counts[1][1]),
        how=explain(shape, work, operations),
    )


def count_statements(send: Callable[[], None], operations: int) -> tuple[float, float]:
    """Return statements an operation, without those of control, and of control."""
    with CaptureQueriesContext(connection) as captured:
        send()
    own, control = split_statements(captured)
    return own / operations, control / operations


def split_statements(captured: CaptureQueriesContext) -> tuple[int, int]:
    """Count the statements, without those of control, and those of control."""
    statements = [each["sql"] for each in captured.captured_queries]
    control = sum(CONTROL.match(each) is not None for each in statements)
    return len(statements) - control, control


def explain(shape: Any, work: str, operations: int = 100) -> str:
    """Return `sets`, or why operations were run one by one."""
    from multistatus_app.overrides.decisions import Depth, decide
    from tests.benchmarks.shape_works import make_asked

    asked = make_asked(shape, work, operations)
    for method in dict.fromkeys(each.method for each in asked):
        decision = decide(shape.viewset, method)
        if decision.depth is not Depth.SETS:
            return "; ".join(decision.reasons)
    with logged() as lines:
        send_at_once(shape, asked)()
    return "; ".join(dict.fromkeys(lines)) or "sets"


@contextmanager
def logged() -> Iterator[list[str]]:
    """Collect what the package logs of how it runs."""
    lines: list[str] = []
    logger = logging.getLogger("multistatus_app")
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())
    level, propagates = logger.level, logger.propagate
    before = logging.root.manager.disable
    logging.disable(logging.NOTSET)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    logger.addHandler(handler)
    try:
        yield lines
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        logger.propagate = propagates
        logging.disable(before)


def print_row(name: str, work: str, goal: str, each: Measured) -> None:
    """Print a row of the table."""
    statements = " → ".join(
        f"{own:.2f}+{control:.2f}"
        for own, control in zip(each.statements, each.control, strict=True)
    )
    print(
        f"| {name} | {work} | {goal} | {each.single:.2f} | {each.naive:.2f} | "
        f"{each.bulk:.3f} | {each.bulk / each.naive:.2f} | "
        f"{each.bulk / each.single:.2f} | {statements} | {each.how} |",
        flush=True,
    )


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.shapes")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--operations", type=int, default=300)
    parser.add_argument("--shapes", nargs="+", metavar="ROUTE")
    options = parser.parse_args()
    with ready(), override_settings(ROOT_URLCONF="tests.benchmarks.shape_urls"):
        from tests.benchmarks.shape_viewsets import hearing
        from tests.benchmarks.shape_works import SHAPES, prepare

        prepare()
        print(describe())
        print(
            "| shape | work | goal | single, ms | naive | bulk | ÷ naive | ÷ single | "
            "statements + control | how |"
        )
        print("|---|---|---|---|---|---|---|---|---|---|")
        with hearing():
            for name, shape in SHAPES.items():
                if options.shapes and shape.route not in options.shapes:
                    continue
                for work in shape.works:
                    with override_settings(MULTISTATUS=shape.settings):
                        found = measure(shape, work, options.operations, options.runs)
                    print_row(name, work, shape.goal, found)


if __name__ == "__main__":
    main()
