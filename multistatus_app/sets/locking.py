"""The rows of a set, locked before they are written: are they as they were read?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from multistatus_app.databases.locks import read_for_update
from multistatus_app.sets.pending import PendingWrite


def find_stale(model: Any, accepted: Sequence[PendingWrite], using: str) -> set[int]:
    """Lock rows in the order of their keys; return whose row is no longer as it was.

    By the index of the operation: the row is gone, or a column that the operation does
    not set has another value than when it was read. What was decided by it is decided
    again then. None where the database has no row locks: it lets nobody else write.

    Raises:
        OperationalError: a row is held by another transaction for too long.
    """
    fields = [each for each in model._meta.concrete_fields if not each.primary_key]
    names = [each.attname for each in fields]
    keys = [each.instance.pk for each in accepted]
    keeps_keys = all(each.operation.method != "DELETE" for each in accepted)
    there = read_for_update(model, keys, names, using, keeps_keys=keeps_keys)
    if there is None:
        return set()
    stale = set()
    for each in accepted:
        row = there.get(each.instance.pk)
        if row is None or _differs(each, fields, row):
            stale.add(each.operation.index)
    return stale


def _differs(accepted: PendingWrite, fields: Sequence[Any], row: Sequence[Any]) -> bool:
    state, saved = vars(accepted.instance), accepted.saved
    return any(
        state.get(field.attname) != value
        and field.name not in saved
        and field.attname not in saved
        for field, value in zip(fields, row, strict=True)
    )
