"""A database router for projects with read replicas."""

from __future__ import annotations

from typing import Any

from django.db import router

from multistatus_app.databases.aliases import is_batch_running


class PinnedRouter:
    """Sends all reads of a running batch to the database that it writes to.

    An operation must see the earlier ones' writes, which a replica may not have yet.
    List it first:

        DATABASE_ROUTERS = ["multistatus_app.routers.PinnedRouter", "shop.Replicas"]

    Outside of a batch it returns None. Writes are left to the routers after it.
    """

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        """Return the database that a model is written to, while a batch runs."""
        return router.db_for_write(model, **hints) if is_batch_running() else None
