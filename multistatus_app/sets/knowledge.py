"""Look-ups that the operations of one frame share: targets, relations, unique values.

A frame is a run of operations in one transaction. Every write is noted, and a look-up
that it may have changed is not used again. Outside frames nothing is known of rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from multistatus_app.databases.statements import AnyWrite, StatementLog
from multistatus_app.handlers import Handler
from multistatus_app.handlers.serializers import SerializerTemplates
from multistatus_app.outcomes import Operation, Outcome
from multistatus_app.overrides.decisions import Depth
from multistatus_app.overrides.origins import is_inherited
from multistatus_app.sets.lookups import Lookups
from multistatus_app.sets.targets import Targets


class SharedLookups:
    """The look-ups of operations that are run by their own action, one by one.

    Validation finds related rows and unique values here, in one query a field. Targets
    are read by each operation.
    """

    def __init__(
        self,
        operations: Sequence[Operation],
        statement_log: StatementLog,
        *,
        before: Any = None,
    ) -> None:
        """`before` is other knowledge, which has to hear of the same writes."""
        self.lookups = Lookups(operations, statement_log)
        self.shared: SerializerTemplates | None = SerializerTemplates(
            self.lookups.attach
        )
        self._before = before

    def note(self, writes: Sequence[AnyWrite]) -> None:
        """Let go of what writes that are kept have made stale."""
        self.lookups.note(writes)
        if self._before is not None:
            self._before.note(writes)

    def finish(self, outcome: Outcome) -> None:
        """Let go of what an operation used."""
        if self._before is not None:
            self._before.finish(outcome)


class Knowledge:
    """The look-ups of the sets of one transaction."""

    shared: SerializerTemplates | None = None

    def __init__(self, handler: Handler) -> None:
        """Look up what the operations of a handler name."""
        self.lookups = Lookups(handler.operations, handler.statement_log)
        self.serializers = SerializerTemplates(self.lookups.attach)
        self.targets: dict[str, Targets] = {}
        if is_inherited(handler.viewset, "get_object"):
            for method in dict.fromkeys(each.method for each in handler.operations):
                keys = _get_keys(handler.operations, method)
                if method and len(keys) > 1 and handler.get_depth(method) is Depth.SETS:
                    self.targets[method] = Targets(keys, handler.statement_log)

    def note(self, writes: Sequence[AnyWrite]) -> None:
        """Let go of what writes that are kept have made stale."""
        self.lookups.note(writes)
        for targets in self.targets.values():
            targets.note(writes)

    def finish(self, outcome: Outcome) -> None:
        """Let go of what an operation used."""
        key = outcome.operation.key
        for targets in self.targets.values():
            if key is not None:
                targets.forget(key)


def _get_keys(operations: Iterable[Operation], method: str | None) -> list[str]:
    return [
        each.key
        for each in operations
        if each.method == method and each.key is not None and not each.problems
    ]
