"""What long batches cost the readers beside them.

    python -m tests.benchmarks.savepoints

On PostgreSQL, with one more transaction open all the while. A process runs a batch up
to its last operation and waits there, so that it takes no time from anybody; others
read, and how much is compared with how much beside no batch. Trust the ratios.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import time
from types import ModuleType
from typing import Any, Final

import django
from django.conf import settings
from django.db import connection, transaction
from django.test.utils import get_runner

PLAIN: Final = "1,000 updates without a savepoint, not ours"
ALONE: Final = "no batch"
VARIANTS: Final[dict[str, dict[str, Any]]] = {
    PLAIN: {},
    "default: a savepoint per operation": {},
    "`bulk_replayable`: a savepoint per 50": {"bulk_replayable": True},
    "`bulk_commit_every = 50`": {"bulk_commit_every": 50},
}
READERS: Final = 2
READS: Final = {
    "aggregates": "sum(stock), count(*) FROM shop_product",
    "point reads": (
        "name, stock FROM shop_product "
        "WHERE id = keys[1 + total % array_length(keys, 1)]"
    ),
}


class Hooked:
    """Saves one by one, as any viewset with a hook of its own does."""

    held_at: int
    held = resumed = 0.0

    def perform_update(self, serializer: Any) -> None:
        """Save; before the last operation, let others have a look."""
        if serializer.instance.pk == self.held_at:
            type(self).held = time.perf_counter()
            print("held", flush=True)
            sys.stdin.readline()
            type(self).resumed = time.perf_counter()
        serializer.save()


def send_batch(variant: str) -> None:
    """Update all rows in one request, and say how long it took, but for the others."""
    from rest_framework.routers import SimpleRouter
    from rest_framework.test import APIClient

    from tests.benchmarks.contenders import ProductViewSet
    from tests.shop.models import Product

    keys = list(Product.objects.order_by("pk").values_list("pk", flat=True))
    options = {**VARIANTS[variant], "held_at": keys[-1]}
    viewset: Any = type("ViewSet", (Hooked, ProductViewSet), options)
    router = SimpleRouter()
    router.register("products", viewset)
    urls: Any = ModuleType("urls")
    urls.urlpatterns = router.urls
    settings.ROOT_URLCONF = urls
    if variant == PLAIN:
        start = time.perf_counter()
        with transaction.atomic():
            for key in keys:
                Product.objects.filter(pk=key).update(stock=5)
            print("held", flush=True)
            end = time.perf_counter()
            sys.stdin.readline()
        print(end - start, flush=True)
        return
    client = APIClient()
    rows = [{"id": key, "stock": 5} for key in keys]
    client.patch("/products/bulk/?dry_run=1", rows[:10], format="json")  # warm
    start = time.perf_counter()
    response = client.patch("/products/bulk/", rows, format="json")
    end = time.perf_counter()
    assert response.json()["summary"]["succeeded"] == len(keys), response.content[:300]
    print(viewset.held - start + end - viewset.resumed, flush=True)


def read(kind: str, seconds: float) -> None:
    """Read for so long and print how often; each time with a snapshot of its own."""
    with connection.cursor() as cursor:
        cursor.execute(f"""
            CREATE FUNCTION pg_temp.spin() RETURNS bigint LANGUAGE plpgsql AS $$
            DECLARE
                stop timestamptz := clock_timestamp() + interval '{seconds} seconds';
                keys bigint[] := (SELECT array_agg(id) FROM shop_product);
                total bigint := 0;
            BEGIN
                WHILE clock_timestamp() < stop LOOP
                    PERFORM {READS[kind]};
                    total := total + 1;
                END LOOP;
                RETURN total;
            END $$
        """)  # noqa: S608  # our own words
        cursor.execute("SELECT pg_temp.spin()")
        print(cursor.fetchone()[0] / seconds)


def measure_once(variant: str, kind: str, seconds: float) -> tuple[float, float]:
    """Return the reads per second beside a batch, and what the batch itself took."""
    writer = None
    # An older one, so that snapshots have to know all that began later.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()")
        if variant != ALONE:
            writer = _start("write", variant)
            assert writer.stdout
            assert writer.stdout.readline() == "held\n"
        readers = [_start("read", kind, str(seconds)) for _ in range(READERS)]
        reads = sum(float(reader.communicate()[0]) for reader in readers)
        took = float(writer.communicate("\n")[0]) if writer else 0.0
    with connection.cursor() as cursor:
        cursor.execute("VACUUM shop_product")
    return reads, took


def _start(*arguments: str) -> subprocess.Popen[str]:
    """Start a process on the same database."""
    environment = os.environ | {"POSTGRES_DB": str(connection.settings_dict["NAME"])}
    command = [sys.executable, "-m", "tests.benchmarks.savepoints", *arguments]
    return subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def measure(count: int, runs: int, seconds: float) -> None:
    """Print a Markdown table of medians, all variants in turns."""
    ratios: dict[tuple[str, str], list[float]] = {}
    writes: dict[str, list[float]] = {}
    for _ in range(runs):
        for kind in READS:
            alone, _ = measure_once(ALONE, kind, seconds)
            for variant in VARIANTS:
                beside, took = measure_once(variant, kind, seconds)
                # Whatever else the machine does: compared with just before and after.
                before, (alone, _) = alone, measure_once(ALONE, kind, seconds)
                ratio = 2 * beside / (before + alone)
                ratios.setdefault((variant, kind), []).append(ratio)
                writes.setdefault(variant, []).append(took)
    print(
        f"\n{connection.display_name} "
        f"{'.'.join(map(str, connection.get_database_version()))}, "
        f"Python {platform.python_version()}, {os.cpu_count()} cores; "
        f"{count} updates, median of {runs} runs of {seconds:g} s\n"
    )
    print("| | aggregates | point reads | batch, ms |")
    print("|---|---:|---:|---:|")
    for variant in VARIANTS:
        aggregates, points = (
            statistics.median(ratios[variant, each]) for each in READS
        )
        took = statistics.median(writes[variant]) * 1000
        print(f"| {variant} | {aggregates:.2f} | {points:.2f} | {took:,.0f} |")


def make_rows(count: int) -> None:
    """Make the rows that are written and read."""
    from tests.shop.models import Category, Product

    category = Category.objects.create(name="Benchmark")
    Product.objects.bulk_create(
        Product(sku=f"sku-{index}", name="A name", price=1, category=category)
        for index in range(count)
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE shop_product")


def main() -> None:
    """Measure, or be one of the processes that take part."""
    os.environ["DATABASE"] = "postgresql"
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    if sys.argv[1:2] == ["write"]:
        send_batch(sys.argv[2])
    elif sys.argv[1:2] == ["read"]:
        read(sys.argv[2], float(sys.argv[3]))
    else:
        parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.savepoints")
        parser.add_argument("--operations", type=int, default=1000)
        parser.add_argument("--runs", type=int, default=3)
        parser.add_argument("--seconds", type=float, default=2)
        options = parser.parse_args()
        runner = get_runner(settings)(verbosity=0, interactive=False)
        databases = runner.setup_databases()
        try:
            make_rows(options.operations)
            measure(options.operations, options.runs, options.seconds)
        finally:
            runner.teardown_databases(databases)


if __name__ == "__main__":
    main()
