"""Signals about batches.

    undone      writes of operations were rolled back, after code of the project had run
    processed   a batch was processed, and is committed if it says so

Receivers cannot fail a batch: their exceptions are logged.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.dispatch import Signal

from multistatus_app.outcomes import Operation

undone: Final = Signal()
"""Sent when writes of operations were rolled back: by a savepoint, or all of them.

Caches, search indexes, files and collectors can drop what never happened. It is sent
once for each rollback, and only for operations that had written. Operations that were
written together, with no code of the project involved, are left out, as nobody knows
of them. Arguments:

- `sender`: the viewset class.
- `databases`: the aliases of the databases that were rolled back.
- `operations`: in the order in which they were run.
- `instances`: the model instances that they made, changed or deleted, as far as these
  are known, with their values at that time. A deleted instance has its key back.
"""

processed: Final = Signal()
"""Sent when a batch was processed, after its commit and before the response.

It is also sent after a dry run and after an atomic request that failed: these are not
committed, and `document.committed` says so. It is not sent for a request that is
refused as a whole. Arguments: `sender`, the viewset class; `request`, Django's;
`document`, a `MultiStatus` with all outcomes.
"""


def send_undone(
    viewset: type,
    *,
    databases: Sequence[str],
    operations: Sequence[Operation],
    instances: Sequence[Any],
) -> None:
    """Send `undone` after writes of operations were rolled back."""
    undone.send_robust(
        viewset,
        databases=tuple(databases),
        operations=tuple(operations),
        instances=tuple(instances),
    )


def send_processed(viewset: type, *, request: Any, document: Any) -> None:
    """Send `processed` with the outcomes of a batch."""
    processed.send_robust(viewset, request=request, document=document)
