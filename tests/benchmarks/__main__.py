"""Measures `bulk/` against what else there is: `make bench`.

Whole requests, bytes in to bytes out, all contenders in one run and in turns, medians
of several runs. Trust the ratios; the milliseconds are those of one machine.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from demo_project.databases import VENDORS, has_mariadb
from tests.benchmarks import results
from tests.benchmarks.databases import describe, ready
from tests.benchmarks.memory import measure_memory
from tests.benchmarks.results import KINDS, NAMES, Results
from tests.benchmarks.tables import get_docs_tables, get_tables

SLOWEST = 1000


def get_options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return what is to be measured."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    add = parser.add_argument
    add("--operations", type=int, nargs="+", default=[1000], metavar="N")
    add("--runs", type=int, default=5)
    add("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    add("--contenders", nargs="+", choices=NAMES, default=list(NAMES))
    add(
        "--refused",
        type=float,
        nargs="+",
        default=[],
        metavar="PERCENT",
        help="measure requests too of which so much is refused",
    )
    add(
        "--refused-by",
        nargs="+",
        choices=("validation", "database"),
        default=["validation", "database"],
    )
    add(
        "--all",
        action="store_true",
        help=f"give the slow contenders more than {SLOWEST:,} operations too",
    )
    add(
        "--memory",
        action="store_true",
        help="measure the peak of one request, and no times",
    )
    add("--save", type=Path, metavar="JSON", help="add what was measured to a file")
    add(
        "--markdown",
        type=Path,
        metavar="JSON",
        help="measure nothing; print what was saved, for the documentation",
    )
    return parser.parse_args(arguments)


def measure(options: argparse.Namespace) -> Results:
    """Return the times on the database of `DATABASE`."""
    with ready():
        from tests.benchmarks.contenders import CONTENDERS
        from tests.benchmarks.measuring import Plan
        from tests.benchmarks.measuring import measure as measure_plan

        plan = Plan(
            sizes=sorted(options.operations),
            kinds=options.kinds,
            shares=options.refused,
            refusers=options.refused_by,
            runs=options.runs,
            slowest=sys.maxsize if options.all else SLOWEST,
        )
        chosen = [each for each in CONTENDERS if each.name in options.contenders]
        return Results(
            vendor=os.environ["DATABASE"],
            about=describe(),
            measurements=tuple(measure_plan(plan, chosen)),
        )


def measure_all_memory(options: argparse.Namespace) -> Results:
    """Return the peaks, each of a process of its own."""
    with ready():
        about = describe()
    return Results(
        vendor=os.environ["DATABASE"],
        about=about,
        memory=tuple(
            measure_memory(kind, operations)
            for operations in options.operations
            for kind in options.kinds
        ),
    )


def run_on_each() -> None:
    """Measure on each database, in a process of its own."""
    for vendor in VENDORS:
        if vendor == "mariadb" and not has_mariadb():
            print("\nMariaDB is left out: none answers.")
            continue
        command = [sys.executable, "-m", "tests.benchmarks", *sys.argv[1:]]
        subprocess.run(command, env=os.environ | {"DATABASE": vendor}, check=True)


def main() -> None:
    """Measure on the database of `DATABASE`, or on each."""
    options = get_options()
    if options.markdown:
        for saved in results.load(options.markdown):
            print("\n\n".join(get_docs_tables(saved)), end="\n\n")
    elif "DATABASE" not in os.environ:
        run_on_each()
    else:
        measured = measure_all_memory(options) if options.memory else measure(options)
        if options.save:
            results.save(options.save, measured)
        print("\n" + "\n\n".join(get_tables(measured)), flush=True)


if __name__ == "__main__":
    main()
