"""What was measured, as values and as the JSON that `--save` keeps. No Django here."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Self

SINGLE: Final = "single requests"
NAIVE: Final = "naive loop"
LISTED: Final = "many=True, no statuses"
RAW: Final = "raw bulk call"
RAW_JSON: Final = "raw bulk call, JSON in and out"
BULK: Final = "bulk/"
DEPTH_2: Final = "bulk/ at depth 2"
DJANGO_BULK_DRF: Final = "django-bulk-drf"
DRF_BULK: Final = "djangorestframework-bulk"
NAMES: Final = (
    SINGLE,
    NAIVE,
    LISTED,
    DJANGO_BULK_DRF,
    DRF_BULK,
    DEPTH_2,
    BULK,
    RAW_JSON,
    RAW,
)
"""The contenders, in the order of their turns."""

KINDS: Final = {
    "create": "POST",
    "update": "PUT",
    "partial": "PATCH",
    "delete": "DELETE",
}
"""The kinds of operation, and the method of each."""


@dataclass(frozen=True, kw_only=True)
class Group:
    """What is measured in turns, so that its times can be compared."""

    operations: int
    kind: str
    refused: float = 0
    """The share of refused operations, in percent."""
    refused_by: str | None = None
    """`validation` or `database`; None where none is refused."""


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """The times of one contender in one group, or why it has none."""

    contender: str
    group: Group
    seconds: tuple[float, ...] = ()
    left_out: str | None = None

    @property
    def median(self) -> float:
        """The time that counts."""
        return statistics.median(self.seconds)


@dataclass(frozen=True, kw_only=True)
class Memory:
    """The peak of one request above what the idle process held, in bytes."""

    kind: str
    operations: int
    above_idle: int


@dataclass(frozen=True, kw_only=True)
class Results:
    """All that was measured on one database."""

    vendor: str
    about: str
    """The versions and the number of cores, in words."""
    measurements: tuple[Measurement, ...] = ()
    memory: tuple[Memory, ...] = ()
    _by_place: dict[tuple[Group, str], Measurement] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        """Index the measurements that have times."""
        self._by_place.update(
            {
                (each.group, each.contender): each
                for each in self.measurements
                if each.seconds
            }
        )

    @property
    def groups(self) -> list[Group]:
        """The groups, in the order in which they were measured."""
        return list(dict.fromkeys(each.group for each in self.measurements))

    @property
    def sizes(self) -> list[int]:
        """The numbers of operations."""
        return sorted({group.operations for group in self.groups})

    @property
    def contenders(self) -> list[str]:
        """Those that have times in any group, in order."""
        names = (each.contender for each in self.measurements if each.seconds)
        return list(dict.fromkeys(names))

    @property
    def runs(self) -> int:
        """The number of times that a median is of, at the least."""
        lengths = (len(each.seconds) for each in self._by_place.values())
        return min(lengths, default=0)

    def get_seconds(self, group: Group, contender: str) -> float | None:
        """Return the median, or None where there is none."""
        found = self._by_place.get((group, contender))
        return found and found.median

    def get_speed(self, group: Group, contender: str, base: str) -> float | None:
        """Return how many times as fast as another one a contender is."""
        seconds = self.get_seconds(group, contender)
        base_seconds = self.get_seconds(group, base)
        return base_seconds / seconds if seconds and base_seconds else None

    def merge(self, older: Results) -> Results:
        """Return these with the groups of older ones that were not measured again."""
        groups = set(self.groups)
        requests = {(each.kind, each.operations) for each in self.memory}
        return Results(
            vendor=self.vendor,
            about=self.about,
            measurements=(
                *(each for each in older.measurements if each.group not in groups),
                *self.measurements,
            ),
            memory=(
                *(
                    each
                    for each in older.memory
                    if (each.kind, each.operations) not in requests
                ),
                *self.memory,
            ),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return what `from_dict` reads back."""
        return {
            "vendor": self.vendor,
            "about": self.about,
            "measurements": [asdict(each) for each in self.measurements],
            "memory": [asdict(each) for each in self.memory],
        }

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> Self:
        """Rebuild what `to_dict` returned."""
        return cls(
            vendor=document["vendor"],
            about=document["about"],
            measurements=tuple(
                Measurement(
                    contender=each["contender"],
                    group=Group(**each["group"]),
                    seconds=tuple(each["seconds"]),
                    left_out=each["left_out"],
                )
                for each in document["measurements"]
            ),
            memory=tuple(Memory(**each) for each in document["memory"]),
        )


def load(path: Path) -> list[Results]:
    """Return the saved results, one for each database; none where no file is."""
    if not path.exists():
        return []
    return [Results.from_dict(each) for each in json.loads(path.read_text())]


def save(path: Path, results: Results) -> None:
    """Add results to a file; groups that it already has are replaced as a whole."""
    saved = {each.vendor: each for each in load(path)}
    older = saved.get(results.vendor)
    saved[results.vendor] = results.merge(older) if older else results
    path.write_text(_dump(saved.values()))


def _dump(all_results: Iterable[Results]) -> str:
    return json.dumps([each.to_dict() for each in all_results], indent=1) + "\n"
