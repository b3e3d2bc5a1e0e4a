"""What operations cost that are run singly, against their single requests.

    python -m tests.benchmarks.singles

CPU seconds of this process, whole requests, bytes in to bytes out, in turns, medians:
a batch of one against its single request, and many operations against as many requests.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import json
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from django.db import connection
from django.test import override_settings

from tests.benchmarks.databases import describe, ready
from tests.benchmarks.wire import ask

_NUMBERS: Final = itertools.count()
NAMES: Final = ("light", "stock", "hooked", "checked", "showing", "slow")


def make_rows(name: str, count: int, category: int) -> list[Any]:
    """Make bodies of creates that nobody has made before."""
    rows = []
    for number in itertools.islice(_NUMBERS, count):
        row: dict[str, Any] = {"name": f"row {number}"}
        if name not in ("light", "slow"):
            row |= {"sku": f"s{number}", "price": "1.50", "category": category}
            row["category_id"] = category
        rows.append(row)
    return rows


def time_singles(name: str, rows: list[Any]) -> float:
    """Send a request for each; seconds of CPU for all."""
    bodies = [json.dumps(row).encode() for row in rows]

    def run() -> None:
        for body in bodies:
            assert ask("POST", f"/{name}/", body).status == 201

    return _time(run)


def time_batch(name: str, rows: list[Any]) -> float:
    """Send one request for all; seconds of CPU."""
    body = json.dumps(rows).encode()

    def run() -> None:
        answer = ask("POST", f"/{name}/bulk/", body)
        assert answer.status == 207, answer
        assert f'"succeeded":{len(rows)},'.encode() in answer.content, answer.content

    return _time(run)


def _time(run: Callable[[], None]) -> float:
    gc.collect()
    started = time.process_time()
    run()
    return time.process_time() - started


def measure(runs: int, many: int) -> Iterator[tuple[str, float, float, float, float]]:
    """Yield for each viewset: ms singly, its ratio of one, ms of many, its ratio."""
    from tests.shop.models import Category  # needs settings

    category = Category.objects.create(name="the category").pk
    for name in NAMES:
        ones, batches, singles, larger = [], [], [], []
        count = many if name != "slow" else min(many, 50)
        for turn in range(runs + 1):
            fifty = [make_rows(name, 1, category) for _ in range(50)]
            one = sum(time_singles(name, rows) for rows in fifty)
            fifty = [make_rows(name, 1, category) for _ in range(50)]
            batch = sum(time_batch(name, rows) for rows in fifty)
            single = time_singles(name, make_rows(name, count, category))
            with override_settings(MULTISTATUS={"MIN_SET_SIZE": None}):
                whole = time_batch(name, make_rows(name, count, category))
            if turn:  # the first one warms up
                ones.append(one / 50)
                batches.append(batch / one)
                singles.append(whole / count)
                larger.append(whole / single)
        yield (name, *map(statistics.median, (ones, batches, singles, larger)))


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.singles")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--operations", type=int, default=1000)
    options = parser.parse_args()
    with ready(), override_settings(ROOT_URLCONF="tests.benchmarks.single_viewsets"):
        print(describe())
        print("| creates | single, ms | batch of one ÷ single | in a batch, ms | ÷ |")
        print("|---|---|---|---|---|")
        for name, one, ratio, each, whole in measure(options.runs, options.operations):
            print(
                f"| {name} | {one * 1000:.2f} | {ratio:.2f} | {each * 1000:.2f} | "
                f"{whole:.2f} |"
            )
        connection.close()


if __name__ == "__main__":
    main()
