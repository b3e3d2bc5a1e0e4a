"""Measures `bulk/` against single requests and a naive loop: `make bench`.

Whole requests, bytes in to bytes out, all contenders in one run and in turns, medians
of several runs. Trust the ratios; the milliseconds are those of one machine.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import os
import platform
import statistics
import subprocess
import sys
import time
from typing import Any

import django
from django.conf import settings
from django.test.utils import get_runner


def measure(count: int, runs: int) -> dict[str, dict[str, float]]:
    """Return the median seconds of each contender for each kind of operation."""
    from tests.benchmarks.contenders import CONTENDERS
    from tests.shop.models import Category, Product

    category = Category.objects.create(name="Benchmark")
    serial = itertools.count()
    seconds: dict[str, dict[str, list[float]]] = {
        kind: {name: [] for name in CONTENDERS} for kind in ("create", "update")
    }

    def get_rows() -> list[dict[str, Any]]:
        return [
            {
                "sku": f"sku-{next(serial)}",
                "name": "A name",
                "price": "3.20",
                "stock": 7,
                "category": category.pk,
                "attributes": {"colour": "red"},
            }
            for _ in range(count)
        ]

    for _ in range(runs):
        for name, contender in CONTENDERS.items():
            Product.objects.all().delete()
            creates = get_rows()
            seconds["create"][name].append(_time(contender, "POST", creates))
            keys = list(Product.objects.order_by("pk").values_list("pk", flat=True))
            updates = [
                row | {"id": key, "name": "Another name"}
                for key, row in zip(keys, creates, strict=True)
            ]
            seconds["update"][name].append(_time(contender, "PUT", updates))
    return {
        kind: {name: statistics.median(times) for name, times in by_name.items()}
        for kind, by_name in seconds.items()
    }


def _time(contender: Any, method: str, rows: list[dict[str, Any]]) -> float:
    gc.collect()
    start = time.perf_counter()
    contender(method, rows)
    return time.perf_counter() - start


def print_table(medians: dict[str, dict[str, float]], count: int, runs: int) -> None:
    """Print one Markdown table: ratios to the naive loop first."""
    from django.db import connection

    version = ".".join(map(str, connection.get_database_version()))
    print(
        f"\n{connection.display_name} {version}, Python {platform.python_version()}, "
        f"Django {django.__version__}; {count} operations, median of {runs}\n"
    )
    print("| | contender | against the naive loop | ms |")
    print("|---|---|---|---|")
    for kind, by_name in medians.items():
        naive = by_name["naive loop"]
        for name, seconds in by_name.items():
            ratio = f"{naive / seconds:.2f} times as fast"
            print(f"| {kind} | {name} | {ratio} | {seconds * 1000:,.0f} |")


def main() -> None:
    """Measure on the database of `DATABASE`, or on each in a process of its own."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("--operations", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    if "DATABASE" not in os.environ:
        for vendor in ("sqlite", "postgresql"):
            subprocess.run(
                [sys.executable, "-m", "tests.benchmarks", *sys.argv[1:]],
                env=os.environ | {"DATABASE": vendor},
                check=True,
            )
        return
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    settings.ROOT_URLCONF = "tests.benchmarks.contenders"
    runner = get_runner(settings)(verbosity=0, interactive=False)
    runner.setup_test_environment()
    databases = runner.setup_databases()
    try:
        medians = measure(options.operations, options.runs)
        print_table(medians, options.operations, options.runs)
    finally:
        runner.teardown_databases(databases)


if __name__ == "__main__":
    main()
