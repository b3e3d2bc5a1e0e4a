"""Locks the rows that a request names before it is retried.

Run again in the same order, the request could meet the same transaction in a deadlock
again.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from typing import Any, Final, Literal

from django.db import Error as DatabaseException
from django.db import transaction

from multistatus_app.databases.locks import select_for_update
from multistatus_app.handlers import Handler
from multistatus_app.outcomes import Operation
from multistatus_app.problems import ends_transaction, explain
from multistatus_app.sets.targets import Targets

_RANDOM: Final = random.SystemRandom()
_PATIENCE: Final = 5.0
"""Seconds to wait for rows that others hold."""
_PAUSE: Final = 0.1
"""Seconds of the first pause. Each further one is four times as long."""


def await_targets(
    operations: Sequence[Operation], handler: Handler, using: str, *, attempt: int
) -> None:
    """Wait, holding no locks, until no other transaction holds the targets.

    There is a pause in any case, longer after each attempt, as values that another
    transaction is inserting cannot be locked.
    """
    # At random, so that two requests in a deadlock do not meet again.
    time.sleep(_PAUSE * 4 ** (attempt - 1) * _RANDOM.uniform(0.5, 1))
    deadline = time.monotonic() + _PATIENCE
    is_held = True
    while is_held and time.monotonic() < deadline:
        try:
            with transaction.atomic(using=using):
                lock_targets(operations, handler, using, mode="nowait")
                is_held = False
        except DatabaseException as exc:
            failure = explain(exc)
            is_held = failure is not None and failure.status == 423
            time.sleep(_RANDOM.uniform(0, 0.05))


def lock_targets(
    operations: Sequence[Operation],
    handler: Handler,
    using: str,
    *,
    mode: Literal["nowait", "wait"] = "wait",
) -> None:
    """Lock the targets of operations in the order of their keys.

    Only rows that the user may see, and that are known beforehand, are locked.

    Raises:
        DatabaseError: the transaction cannot go on, or a row is held.
    """
    rows: dict[Any, set[Any]] = {}
    for method in dict.fromkeys(each.method for each in operations):
        asked = [
            each
            for each in operations
            if each.method == method and each.key is not None and not each.problems
        ]
        if not asked or method not in handler.batch.offered:
            continue
        try:
            with transaction.atomic(using=using):
                for row in _fetch(asked, handler):
                    if row._state.db == using:
                        rows.setdefault(type(row), set()).add(row.pk)
        except Exception as exc:  # reported when the operation runs
            if ends_transaction(exc):
                raise
    for model in sorted(rows, key=lambda each: str(each._meta.label)):
        select_for_update(model, list(rows[model]), using, mode=mode)


def _fetch(asked: Sequence[Operation], handler: Handler) -> list[Any]:
    view = handler.batch.get_view(asked[0])
    view.check_permissions(view.request)
    targets = Targets([str(each.key) for each in asked], handler.statement_log)
    targets.fetch(view)
    return targets.get_all()
