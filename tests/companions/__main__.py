"""Runs the comparison for one library, and prints what it found as JSON.

DATABASE=postgresql python -m tests.companions LIBRARY [--cost]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from contextlib import redirect_stdout
from typing import Any

from tests.companions import host


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="tests.companions")
    parser.add_argument("library")
    parser.add_argument("--cost", action="store_true", help="CPU and statements alone")
    arguments = parser.parse_args()
    with redirect_stdout(sys.stderr):  # some libraries print
        found = _run(arguments.library)
    print(json.dumps(found["costs"] if arguments.cost else found, indent=1))


def _run(library: str) -> dict[str, Any]:
    host.set_up(library, os.environ.get("DATABASE") or "sqlite")
    try:
        # Models can be imported from here on.
        from tests.companions import running

        return running.run(host.get_library())
    finally:
        host.tear_down()


if __name__ == "__main__":
    main()
