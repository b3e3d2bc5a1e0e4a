"""The interface of strategies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from multistatus_app.handlers import Handler
from multistatus_app.outcomes import Operation, Outcome


class Strategy(Protocol):
    """Turns operations into outcomes, in order, inside an open transaction."""

    def run(
        self, operations: Iterable[Operation], handler: Handler
    ) -> Iterator[Outcome]:
        """Yield one outcome per operation. Nothing of a failed operation is kept.

        Raises:
            DatabaseUnavailable: the transaction cannot go on.
        """
