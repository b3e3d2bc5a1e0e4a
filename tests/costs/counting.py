"""Sends hostile requests, and counts what our package does of them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final

import pytest
from rest_framework.test import APIClient

import multistatus_app
from tests.hostile_bodies import KINDS, Hostile

PACKAGE: Final = str(Path(multistatus_app.__file__).parent)
SMALL: Final = 500
SIZE: Final = 4_000
"""Bytes: large enough that what is per request does not hide what grows."""
LARGE: Final = 20_000
AT_MOST: Final = 2.2
"""The growth of what is to be linear, when the body grows to twice its size."""
KINDS_OF_ANY: Final = pytest.mark.parametrize("name", KINDS)


def send(hostile: Hostile, **extra: Any) -> Any:
    """Send a request as it is."""
    client = APIClient(raise_request_exception=False)
    return client.generic(
        hostile.method,
        hostile.path,
        hostile.body,
        content_type=hostile.content_type,
        headers=hostile.headers,
        **extra,
    )


@contextmanager
def counting() -> Iterator[dict[str, int]]:
    """Count calls of Python functions: of all, and of ours."""
    counts = {"all": 0, "ours": 0}

    def count(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call":
            counts["all"] += 1
            counts["ours"] += frame.f_code.co_filename.startswith(PACKAGE)

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield counts
    finally:
        sys.setprofile(before)


def count_calls(hostile: Hostile) -> dict[str, int]:
    with counting() as counts:
        send(hostile)
    return counts
