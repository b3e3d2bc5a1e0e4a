"""The figures: how often a fault was injected, and how often an answer was untrue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.answers import get_statuses
from tests.faults.batches import Steps


@dataclass
class Ledger:
    """What one test found, in the order of the columns."""

    vendor: str
    counts: dict[str, Counter[str]] = field(default_factory=dict)

    def judge(
        self, fault: str, steps: Steps, response: Any, *, callbacks: bool = True
    ) -> list[int] | None:
        """Compare an answer with the database; return its statuses, None for a 503.

        `response` is None where the client got none: then it was told nothing, and all
        that may not be is half a transaction.
        """
        traces = [
            step.get_traces(steps.using, callbacks=callbacks) for step in steps.steps
        ]
        statuses, told = None, [False] * len(traces)
        if response is not None and response.status_code == 207:
            statuses = get_statuses(response)
            kept = response.json()["summary"]["committed"]
            told = [kept and status < 300 for status in statuses]
        self.add(fault, traces, told, response.status_code if response else None)
        return statuses

    def judge_in_doubt(self, fault: str, steps: Steps, response: Any) -> None:
        """Count a try after whose COMMIT the database was not heard of again.

        Nobody could have known; what it did not acknowledge is answered 503, and kept.
        """
        counts = self.counts.setdefault(fault, Counter())
        status = response.status_code
        told = [status] * len(steps.steps) if status == 503 else get_statuses(response)
        kept = [step.get_traces(steps.using, callbacks=False) for step in steps.steps]
        assert all(
            found == {True}
            for found, status in zip(kept, told, strict=True)
            if status < 300
        )
        counts["tries"] += 1
        counts[str(status)] += 1
        counts["lost"] += 0
        counts["false"] += sum(
            status == 503 and found == {True}
            for found, status in zip(kept, told, strict=True)
        )
        assert all(len(found) == 1 for found in kept), f"{fault}: half done."

    def add(
        self,
        fault: str,
        traces: Sequence[set[bool]],
        told: Iterable[bool],
        status: int | None,
    ) -> None:
        """Count a try: for each operation its traces, and whether it was told done."""
        counts = self.counts.setdefault(fault, Counter())
        counts["tries"] += 1
        counts[str(status or "none")] += 1
        lost = false = 0
        for found, done in zip(traces, told, strict=True):
            lost += done and found != {True}
            false += not done and True in found and status is not None
            false += not done and status is None and len(found) > 1
        counts["lost"] += lost
        counts["false"] += false
        assert not lost, f"{fault}: {lost} of the 2xx are not in the database."
        assert not false, f"{fault}: {false} that were not 2xx are in the database."
        # A request that is refused as a whole is a 503, and nothing else.
        assert status in (207, 503, None), f"{fault}: {status}"
