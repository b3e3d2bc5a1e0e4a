"""A database router for projects with read replicas."""

from __future__ import annotations

from typing import Any

from django.db import router

from multistatus_app.databases.aliases import is_batch_running


class PinnedRouter:
    """Sends all reads of a running batch to where it writes.

    An operation must see what the earlier ones wrote, which a replica does not have
    yet. To be named first:

        DATABASE_ROUTERS = ["multistatus_app.routers.PinnedRouter", "shop.Replicas"]

    Outside of a batch it has no opinion. Where a model is written, the routers after it
    say.
    """

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        """Name the database that a model is written to, while a batch runs."""
        return router.db_for_write(model, **hints) if is_batch_running() else None
