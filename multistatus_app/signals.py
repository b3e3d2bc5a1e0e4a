"""What others may want to hear of a batch.

    undone      what operations wrote was rolled back, after code of the project had run
    processed   a batch was processed, and is committed if it says so

Receivers cannot harm a batch: Django logs what they raise.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.dispatch import Signal

from multistatus_app.outcomes import Operation

undone: Final = Signal()
"""Sent when a savepoint, or the transaction, was rolled back in which operations wrote.

Caches, search indexes, files and collectors can drop what never happened. Arguments:
`sender`, the viewset class; `databases`, aliases; `operations`; `instances`, the model
instances that they made or changed, as far as these are known, with the keys that they
had.
"""

processed: Final = Signal()
"""Sent when a batch was processed, before it is answered.

Arguments: `sender`, the viewset class; `request`, Django's; `document`, a
`MultiStatus`.
"""


def send_undone(
    viewset: type,
    *,
    databases: Sequence[str],
    operations: Sequence[Operation],
    instances: Sequence[Any],
) -> None:
    """Tell that what operations wrote has been rolled back."""
    if operations:
        undone.send_robust(
            viewset,
            databases=tuple(databases),
            operations=tuple(operations),
            instances=tuple(instances),
        )


def send_processed(viewset: type, *, request: Any, document: Any) -> None:
    """Tell what became of a batch."""
    processed.send_robust(viewset, request=request, document=document)
