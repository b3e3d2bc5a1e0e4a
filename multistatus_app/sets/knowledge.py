"""What sets know of rows before they are asked for: targets, related and unique values.

Of one transaction, and of sets alone: an operation that is run singly reads for itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from multistatus_app.databases.statements import AnyWrite
from multistatus_app.handlers import Handler
from multistatus_app.handlers.serializers import SerializerTemplates
from multistatus_app.outcomes import Operation, Outcome
from multistatus_app.overrides.decisions import Depth
from multistatus_app.overrides.origins import is_inherited
from multistatus_app.sets.lookups import Lookups
from multistatus_app.sets.targets import Targets


class Knowledge:
    """The look-ups of the sets of one transaction."""

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
