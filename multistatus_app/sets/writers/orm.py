"""The writer of databases that have none of their own, through the ORM."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final

from django.db import connections
from django.db.models import AutoField, Field, Model

from multistatus_app.sets.rows import chunk_values
from multistatus_app.sets.writers.base import Refusals, RowsAreGone
from multistatus_app.sets.writers.bisection import write_each, write_groups
from multistatus_app.sets.writers.instances import Unsaved, prepare

_ROWS: Final = 1000
"""How many rows a statement inserts: packets have their limit."""


class OrmWriter:
    """Inserts by `bulk_create`, and updates row by row.

    `bulk_update` takes longer than an UPDATE for each row (1,000 rows of three fields:
    240 ms against 70 on SQLite) and writes them in an order of its own.
    """

    def __init__(self, model: type[Model], using: str) -> None:
        """Write instances of this model to this database."""
        self.model: Any = model
        self.using = using
        self.rows: Any = self.model._base_manager.using(using).order_by()

    def insert(self, instances: Sequence[Model]) -> Refusals:
        """Insert rows; who is refused is unsaved and has the key it had."""
        if not instances:
            return {}
        with Unsaved(instances) as unsaved:
            refusals = write_groups(
                len(instances),
                lambda start, stop: self._insert_group(instances[start:stop]),
                self.using,
            )
            unsaved.finish(refusals.keys(), self.using, {})
        return refusals

    def update(
        self, instances: Sequence[Model], fields: Sequence[Field[Any, Any]]
    ) -> Refusals:
        """Set these fields of rows that exist."""
        if not instances or not fields:
            return {}
        prepare(instances)

        def write(place: int) -> None:
            instance = instances[place]
            values = [
                (field, None, field.pre_save(instance, False)) for field in fields
            ]
            if not self.rows.filter(pk=instance.pk)._update(values):
                raise RowsAreGone

        return write_each(len(instances), write, self.using)

    def delete(self, keys: Sequence[Any]) -> None:
        """Delete rows by primary key and nothing else; one that is gone is no error."""
        for chunk in chunk_values(list(keys), self.using):
            self.rows.filter(pk__in=chunk)._raw_delete(self.using)

    def _insert_group(self, instances: Sequence[Any]) -> None:
        """Insert in runs: `bulk_create` puts those with a key before all others."""
        for has_key, run in groupby(instances, lambda each: each._is_pk_set()):
            group = list(run)
            if len(group) > 1 and (has_key or self._returns_keys()):
                self.rows.bulk_create(group, batch_size=_ROWS)
                continue
            for instance in group:
                instance._save_table(
                    cls=self.model, force_insert=True, using=self.using
                )

    def _returns_keys(self) -> bool:
        """Whether `bulk_create` tells the keys that the database made."""
        features = connections[self.using].features
        return features.can_return_rows_from_bulk_insert or not isinstance(
            self.model._meta.pk, AutoField
        )
