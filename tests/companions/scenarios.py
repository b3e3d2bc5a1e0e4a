"""The operations that every library sees, singly and in a batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final

from tests.companions.manifests import Manifest

SEEDED: Final = 6
"""How many cities there are before, with the keys from 1."""

MANY: Final = 300
MISSING: Final = 9999


@dataclass(frozen=True)
class Asked:
    """One operation."""

    method: str
    key: Any = None
    data: Any = None


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Requests, each of which is a list of operations in a batch."""

    name: str
    requests: tuple[tuple[Asked, ...], ...]
    options: str = ""
    """The query of the batch."""

    is_late: bool = False
    """Asks the viewset that refuses after it has written, with ATOMIC_REQUESTS."""

    is_good: bool = True
    """Whether every single request succeeds."""

    @property
    def is_kept(self) -> bool:
        """Whether the batch may leave anything behind."""
        return not self.options


def get_scenarios(
    library: ModuleType, manifest: Manifest, *, has_late: bool
) -> list[Scenario]:
    """Return the scenarios for the data of a library, without methods it lacks."""
    made = [
        _restrict(scenario, manifest.DOES)
        for scenario in _get_all(_Data(library, manifest.KEY_NAME))
        if has_late or not scenario.is_late
    ]
    return [each for each in made if any(each.requests)]


class _Data:
    """What is sent: by `make(n)` and `change(n)` of the module, or plain cities."""

    def __init__(self, library: ModuleType, key_name: str) -> None:
        self.key_name = key_name
        self.make: Callable[[int], Any] = getattr(library, "make", _make)
        self.change: Callable[[int], Any] = getattr(library, "change", _change)
        self.bad: tuple[Any, ...] = getattr(library, "bad", None) or _BAD
        self.key: Callable[[int], Any] = getattr(library, "make_key", lambda n: n)

    def posts(self, numbers: Iterable[int]) -> list[Asked]:
        return [Asked("POST", None, self.make(n)) for n in numbers]

    def puts(self, numbers: Iterable[int], by: int = 100) -> list[Asked]:
        return [Asked("PUT", self.key(n), self._remake(n, by)) for n in numbers]

    def patches(self, numbers: Iterable[int], by: int = 100) -> list[Asked]:
        return [Asked("PATCH", self.key(n), self.change(n + by)) for n in numbers]

    def deletes(self, numbers: Iterable[int]) -> list[Asked]:
        return [Asked("DELETE", self.key(n)) for n in numbers]

    def _remake(self, number: int, by: int) -> Any:
        made = self.make(number + by)
        if self.key_name in made:
            made[self.key_name] = self.key(number)
        return made

    @property
    def missing(self) -> Any:
        return self.key(MISSING)


def _make(number: int) -> dict[str, Any]:
    return {"name": f"City {number}", "population": number}


def _change(number: int) -> dict[str, Any]:
    return {"population": number}


_BAD: Final = ({"name": ""}, {"name": "Bad", "population": -1}, {"population": "many"})


def _get_all(data: _Data) -> list[Scenario]:
    few = range(1, 6)
    # Of ours are 1 to 6; a new one is 101 and on.
    good_posts = data.posts(range(11, 16))
    bad_posts = [
        *data.posts([11]),
        *(Asked("POST", None, each) for each in data.bad),
        *data.posts([11, 12]),
    ]
    bad_puts = [
        *data.puts([1]),
        *(Asked("PUT", data.key(2), each) for each in data.bad),
        Asked("PUT", data.missing, data.make(77)),
        Asked("PUT", data.key(3), data.make(4)),
        *data.puts([3, SEEDED]),
    ]
    bad_patches = [
        *data.patches([1, 1]),
        *(Asked("PATCH", data.key(2), each) for each in data.bad),
        Asked("PATCH", data.missing, data.change(7)),
        Asked("PATCH", "x", data.change(7)),
        *data.patches([3, SEEDED]),
    ]
    bad_deletes = [
        *data.deletes([1]),
        Asked("DELETE", data.missing),
        *data.deletes([1, 2]),
        Asked("DELETE", "x"),
        *data.deletes([SEEDED]),
    ]
    mixed = [
        *data.posts([11]),
        *data.patches([1]),
        *data.puts([2]),
        *data.deletes([3]),
        *data.posts([12]),
    ]
    bad_mixed = [
        *mixed,
        Asked("PATCH", data.missing, data.change(7)),
        Asked("POST", None, data.bad[0]),
        *data.patches([2]),
    ]
    made = range(SEEDED + 1, SEEDED + 1 + MANY * 2 // 5)
    fifth = MANY // 5
    many = [
        *data.posts(made),
        *data.patches(made[:fifth], 3000),
        *data.puts(made[fifth:], 3000),
        *data.deletes(made[::2]),
    ]
    return [
        Scenario(name="POST", requests=(tuple(good_posts),)),
        Scenario(name="PUT", requests=(tuple(data.puts(few)),)),
        Scenario(name="PATCH", requests=(tuple(data.patches(few)),)),
        Scenario(name="DELETE", requests=(tuple(data.deletes(few)),)),
        Scenario(name="mixed", requests=(tuple(mixed),)),
        Scenario(name="bad POST", requests=(tuple(bad_posts),), is_good=False),
        Scenario(name="bad PUT", requests=(tuple(bad_puts),), is_good=False),
        Scenario(name="bad PATCH", requests=(tuple(bad_patches),), is_good=False),
        Scenario(name="bad DELETE", requests=(tuple(bad_deletes),), is_good=False),
        Scenario(name="bad mixed", requests=(tuple(bad_mixed),), is_good=False),
        Scenario(
            name="atomic",
            requests=(tuple(bad_mixed),),
            options="?atomic=true",
            is_good=False,
        ),
        Scenario(
            name="dry run",
            requests=(tuple(bad_mixed),),
            options="?dry_run=true",
            is_good=False,
        ),
        Scenario(
            name="late",
            requests=(tuple(_get_late(data)),),
            is_late=True,
            is_good=False,
        ),
        Scenario(
            name=str(MANY),
            requests=(tuple(many),),
        ),
    ]


def _get_late(data: _Data) -> list[Asked]:
    """Each method, with one among them that is refused after it was written."""
    late = {"population": 13}
    return [
        *data.posts([11]),
        Asked("POST", None, data.make(14) | late),
        *data.patches([1]),
        Asked("PATCH", data.key(2), data.change(7) | late),
        Asked("PUT", data.key(4), data.make(17) | late),
        Asked("PATCH", data.key(5), {"name": "Late"}),
        Asked("DELETE", data.key(5)),
        *data.deletes([6]),
        *data.puts([3]),
    ]


_LETTERS: Final = {"POST": "c", "PUT": "p", "PATCH": "u", "DELETE": "d"}


def _restrict(scenario: Scenario, does: str) -> Scenario:
    requests = tuple(
        tuple(asked for asked in request if _LETTERS[asked.method] in does)
        for request in scenario.requests
    )
    return Scenario(**(vars(scenario) | {"requests": requests}))
