"""What hostile bodies cost: CPU seconds, bytes, peak memory, and how they grow.

    DATABASE=sqlite python -m tests.benchmarks.hostile [size in bytes] [kinds…]

Each kind is sent once with half of the size and once with all of it, by a process of
its own. Linux alone tells a process its peak, and forgets it when asked.
"""

from __future__ import annotations

import gc
import io
import logging
import os
import sys
import time
from ast import literal_eval
from dataclasses import astuple, dataclass, replace
from typing import Any, Final

from tests.benchmarks.databases import ready
from tests.benchmarks.memory import CLEAR, CLEAR_PEAK, read_status
from tests.hostile_bodies import KINDS, Hostile

SIZE: Final = 700_000
ALLOWED_SECONDS: Final = 2.0
CLOSED: Final = "/closed/bulk/"


def allowed(size: int) -> int:
    """Return how many bytes may answer a request of so many."""
    return 25 * size + 2_000_000


@dataclass(frozen=True)
class Cost:
    """What one request cost."""

    size: int
    status: int
    seconds: float
    answer: int
    peak: int
    logged: int


def measure(hostile: Hostile) -> Cost:
    """Send a request from a child, and return what it cost there."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        cost = send(hostile)
        os.write(writing, repr(astuple(cost)).encode())
        os._exit(0)
    os.close(writing)
    with open(reading, "rb") as pipe:
        told = pipe.read().decode()
    os.waitpid(child, 0)
    return Cost(*literal_eval(told)) if told else Cost(hostile.size, 0, 0, 0, 0, 0)


def send(hostile: Hostile) -> Cost:
    """Send a request; how it is answered is not looked at."""
    from rest_framework.test import APIClient

    stream = _listen()
    client = APIClient(raise_request_exception=False)
    gc.collect()
    CLEAR.write_text(CLEAR_PEAK)
    idle, start = read_status("VmRSS"), time.process_time()
    response = client.generic(
        hostile.method,
        hostile.path,
        hostile.body,
        content_type=hostile.content_type,
        headers=hostile.headers,
    )
    seconds = time.process_time() - start
    return Cost(
        size=hostile.size,
        status=response.status_code,
        seconds=round(seconds, 3),
        answer=len(response.content),
        peak=read_status("VmHWM") - idle,
        logged=len(stream.getvalue()),
    )


def _listen() -> io.StringIO:
    logging.disable(logging.NOTSET)
    stream = io.StringIO()
    logger = logging.getLogger("multistatus_app")
    logger.addHandler(logging.StreamHandler(stream))
    logger.propagate = False
    for name in ("django.request", "django.security"):
        logging.getLogger(name).disabled = True
    return stream


def describe(name: str, half: Cost, whole: Cost) -> str:
    """Return a line of the table; what is over a limit has a mark."""
    over = [
        mark
        for mark, is_over in (
            ("SECONDS", whole.seconds > ALLOWED_SECONDS),
            ("BYTES", whole.answer > allowed(whole.size)),
        )
        if is_over
    ]

    def grow(attribute: str) -> str:
        before: Any = getattr(half, attribute)
        return f"{getattr(whole, attribute) / before:.1f}" if before else "-"

    return (
        f"{name:40} {whole.status} {whole.size:>9,} {whole.seconds:6.2f} "
        f"{grow('seconds'):>4} {whole.answer:>11,} {grow('answer'):>4} "
        f"{whole.peak / 1e6:6.1f} {whole.logged:>9,} {' '.join(over)}"
    )


def main(arguments: list[str]) -> None:
    """Print the table."""
    size = int(arguments[0]) if arguments else SIZE
    wanted = [each.replace("-", " ") for each in arguments[1:]] or list(KINDS)
    print(
        f"{'kind':40} sts   request    CPU   x2      answer   x2 peakMB    logged",
        flush=True,
    )
    with ready():
        from django.conf import settings

        settings.ROOT_URLCONF = "tests.hostile_urls"
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
        measure(KINDS["one key a thousand times"](1000))
        send(KINDS["empty objects"](100))
        for name in wanted:
            half, whole = (measure(KINDS[name](each)) for each in (size // 2, size))
            print(describe(name, half, whole), flush=True)
        for name in wanted:
            hostile = replace(KINDS[name](size), path=CLOSED)
            cost = measure(hostile)
            if cost.seconds > 0.05 or cost.answer > 1000:
                print(describe(f"refused: {name}", cost, cost), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
