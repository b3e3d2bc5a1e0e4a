"""Injects every fault on every database: `python -m tests.faults` prints one table."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from demo_project.databases import VENDORS, has_mariadb
from tests.faults.tables import write_table


def main() -> int:
    """Run the tests on each database; return how many of them failed."""
    total: dict[tuple[str, str], Counter[str]] = {}
    failed = 0
    with tempfile.TemporaryDirectory() as directory:
        for vendor in VENDORS:
            if vendor == "mariadb" and not has_mariadb():
                print("MariaDB is left out: none answers.")
                continue
            path = Path(directory) / vendor
            environment = os.environ | {
                "DATABASE": vendor, "FAULTS_JSON": str(path), "FAULTS_ALL": "1",
            }  # fmt: skip
            command = [sys.executable, "-m", "pytest", "-q", "tests/faults"]
            failed += bool(
                subprocess.run([*command, *sys.argv[1:]], env=environment).returncode
            )
            for fault, database, counts in json.loads(path.read_text()):
                total.setdefault((fault, database), Counter()).update(counts)
    print("\n".join(["", *write_table(total)]))
    return failed


if __name__ == "__main__":
    sys.exit(main())
