"""The peak of one `bulk/` request above idle: run in a process of its own.

    DATABASE=sqlite python -m tests.benchmarks.memory create 10000 [singly]

Linux alone tells a process its peak, and forgets it when asked.
"""

from __future__ import annotations

import gc
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.benchmarks.databases import ready
from tests.benchmarks.results import KINDS, Group, Memory

STATUS: Final = Path("/proc/self/status")
CLEAR: Final = Path("/proc/self/clear_refs")
CLEAR_PEAK: Final = "5"


def measure_memory(kind: str, operations: int) -> Memory:
    """Start a process that sends one request, and return its peak above idle."""
    completed = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.memory", kind, str(operations)],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    peak = int(completed.stdout.split()[-1])
    return Memory(kind=kind, operations=operations, above_idle=peak)


def get_peak_of_request(kind: str, operations: int, *, singly: bool = False) -> int:
    """Return by how many bytes the request made this process grow, at the most."""
    from django.conf import settings

    from tests.benchmarks.contenders.endpoints import bulk
    from tests.benchmarks.measuring import WARMING, time_once
    from tests.benchmarks.wire import ask

    if singly:
        settings.MULTISTATUS = {"MIN_SET_SIZE": None}
    time_once(bulk, Group(operations=WARMING, kind=kind))
    body = make_body(Group(operations=operations, kind=kind))
    gc.collect()
    CLEAR.write_text(CLEAR_PEAK)
    idle = read_status("VmRSS")
    answer = ask(KINDS[kind], "/products/bulk/", body)
    peak = read_status("VmHWM")
    succeeded = json.loads(answer.content)["summary"]["succeeded"]
    assert succeeded == operations, answer.content[:300]
    return peak - idle


def make_body(group: Group) -> bytes:
    """Return the bytes of a request, without ever holding its rows."""
    from tests.benchmarks.loads import make_rows

    body = bytearray()
    for row in make_rows(group):
        body += b"," if body else b"["
        body += json.dumps(row).encode()
    return bytes(body + b"]")


def read_status(name: str) -> int:
    """Return bytes that the kernel counts for this process."""
    match = re.search(rf"{name}:\s+(\d+) kB", STATUS.read_text())
    assert match, STATUS
    return int(match[1]) * 1024


if __name__ == "__main__":
    with ready():
        alone = sys.argv[3:] == ["singly"]
        print(get_peak_of_request(sys.argv[1], int(sys.argv[2]), singly=alone))
