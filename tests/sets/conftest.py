"""The reasons of what is not written in sets."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest


@pytest.fixture
def reasons(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """Return what tells why operations were run one by one, and forgets it."""
    caplog.set_level(logging.DEBUG, logger="multistatus_app")

    def get() -> list[str]:
        found = [each.getMessage().partition(": ")[2] for each in caplog.records]
        caplog.clear()
        return found

    return get
