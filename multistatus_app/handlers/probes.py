"""Requests that detect access to the parts that only one operation has.

These parts are its key, path and data. Code that reads none of them behaves alike for
all operations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Final

BODY: Final = frozenset({"_stream", "body", "CONTENT_LENGTH"})
"""Attributes and META names that belong to the body alone."""
ALL: Final = BODY | {"path", "path_info", "resolver_match", "PATH_INFO"}
_LOOK: Final = "_multistatus_look"

Look = Callable[[], None]
"""Called on access to a watched part. It may raise."""


class WatchedDict(dict[str, Any]):
    """A dict that reports access to some of its names."""

    def __init__(
        self, values: dict[str, Any], names: frozenset[str], look: Look
    ) -> None:
        """Watch some names. Listing the values counts as access to all of them."""
        super().__init__(values)
        self._names = names
        self._look = look

    def __getitem__(self, name: str) -> Any:
        self._note(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self._note(name)
        return super().__contains__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self._note(name)
        return super().get(name, default)

    def pop(self, name: str, *default: Any) -> Any:
        self._note(name)
        return super().pop(name, *default)

    def setdefault(self, name: str, default: Any = None) -> Any:
        self._note(name)
        return super().setdefault(name, default)

    def _note(self, name: object) -> None:
        if name in self._names:
            self._look()


class WatchedKwargs(WatchedDict):
    """The kwargs of a view. Listing them counts as access to the key."""

    def __init__(self, kwargs: dict[str, Any], key: str, look: Look) -> None:
        """Watch the key."""
        super().__init__(kwargs, frozenset({key}), look)

    def __iter__(self) -> Iterator[str]:
        self._look()
        return super().__iter__()

    def items(self) -> Any:
        self._look()
        return super().items()

    def values(self) -> Any:
        self._look()
        return super().values()

    def keys(self) -> Any:
        """Return the names. `**kwargs` calls it, too."""
        self._look()
        return super().keys()

    def copy(self) -> dict[str, Any]:
        """Return a plain copy, which is not watched."""
        self._look()
        return super().copy()


def watch_http(http: Any, look: Look, *, names: frozenset[str] = ALL) -> Any:
    """Copy an HttpRequest. `look` is called on access to its path or body."""
    cls: Any = type(http)
    watched: Any = object.__new__(_get_class(cls, names))
    vars(watched).update(vars(http))
    vars(watched)[_LOOK] = look
    vars(watched)["META"] = WatchedDict(http.META, names, look)
    return watched


@lru_cache(maxsize=16)
def _get_class(cls: type, names: frozenset[str]) -> type:
    members = {name: _watch(name, cls) for name in names if name.islower()}
    return type(cls.__name__, (cls,), members)


def _watch(name: str, cls: type) -> property:
    inherited: Any = getattr(cls, name, None)

    def look(http: Any) -> Any:
        vars(http)[_LOOK]()
        if name in vars(http):
            return vars(http)[name]
        return inherited.__get__(http) if inherited is not None else None

    def keep(http: Any, value: Any) -> None:
        vars(http)[name] = value

    return property(look, keep)
