"""Writes many instances of a model, and tells which of them the database refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.db import connections
from django.db.models import Model

from multistatus_app.sets.writers.base import Refusals, RowsAreGone, Writer
from multistatus_app.sets.writers.mysql import MysqlWriter
from multistatus_app.sets.writers.orm import OrmWriter
from multistatus_app.sets.writers.postgresql import PostgresqlWriter
from multistatus_app.sets.writers.sqlite import SqliteWriter

__all__ = ["Refusals", "RowsAreGone", "Writer", "get_writer"]

_WRITERS: Final[dict[str, Callable[[type[Model], str], Writer]]] = {
    "mysql": MysqlWriter,
    "postgresql": PostgresqlWriter,
    "sqlite": SqliteWriter,
}


def get_writer(model: type[Model], using: str) -> Writer:
    """Return what writes this model to this database."""
    return _WRITERS.get(connections[using].vendor, OrmWriter)(model, using)
