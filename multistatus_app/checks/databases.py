"""Checks of databases in which a batch may read outdated rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core import checks
from django.core.checks import CheckMessage
from django.db import connections, router

from multistatus_app.routers import PinnedRouter


def check_routers() -> Iterator[CheckMessage]:
    """Yield a warning if a router other than ours decides where a batch reads.

    Only a request shows if that is another database than it writes to.
    """
    if len(list(connections)) < 2:
        return
    try:
        routers: list[Any] = router.routers
    except Exception:  # the first query reports it
        return
    reading = [each for each in routers if hasattr(each, "db_for_read")]
    if not reading or isinstance(reading[0], PinnedRouter):
        return
    name = f"{type(reading[0]).__module__}.{type(reading[0]).__qualname__}"
    yield checks.Warning(
        f"Where the operations of a batch read is said by {name}: from a replica, they "
        f"miss what the earlier ones wrote.",
        hint='Put "multistatus_app.routers.PinnedRouter" first in DATABASE_ROUTERS. '
        "If a model is always read where it is written, silence this.",
        id="multistatus.W009",
    )


def check_isolation() -> Iterator[CheckMessage]:
    """Yield a warning for each database with repeatable reads."""
    for connection in connections.all():
        if connection.vendor != "mysql":
            continue
        level = connection.settings_dict["OPTIONS"].get("isolation_level")
        if str(level).lower() != "repeatable read":
            continue
        yield checks.Warning(
            f"The isolation level of the database {connection.alias!r} is repeatable "
            f"read: a batch reads rows as they were when it began, so that it "
            f"overwrites what others have changed since, and if_match does not see it.",
            hint='Set "isolation_level": "read committed" in OPTIONS: the default.',
            id="multistatus.W010",
        )
