"""What a writer is: many instances of a model in few statements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

from django.db import DatabaseError, DataError, IntegrityError
from django.db.models import Field, Model

Refusals = dict[int, DatabaseError | None]
"""Why each instance that has its place here was refused; None: not known exactly."""

REFUSED: Final = (IntegrityError, DataError)
"""What a database raises for a row that it does not take; all else propagates."""


class RowsAreGone(Exception):
    """A row that was to be updated does not exist; some of the others are written."""


class Writer(Protocol):
    """Writes instances of one model to one database, in their order.

    Outcome and stored values are those of one `save()` after the other, each in a
    savepoint of its own. It is called in a transaction, inside a savepoint that the
    caller rolls back if anything is raised. The table has no triggers and no parents.
    """

    def insert(self, instances: Sequence[Model]) -> Refusals:
        """Insert rows; who is refused is unsaved and has the key it had."""
        ...

    def update(
        self, instances: Sequence[Model], fields: Sequence[Field[Any, Any]]
    ) -> Refusals:
        """Set these fields of rows that exist.

        Raises:
            RowsAreGone: one of them does not.
        """
        ...

    def delete(self, keys: Sequence[Any]) -> None:
        """Delete rows by primary key and nothing else; one that is gone is no error."""
        ...
