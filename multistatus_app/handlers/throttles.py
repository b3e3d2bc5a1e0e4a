"""The viewset's throttles, charged once per operation.

The budget is shared with the single endpoints. It is read and written once for a batch.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from rest_framework.exceptions import Throttled
from rest_framework.throttling import SimpleRateThrottle

from multistatus_app.overrides.origins import get_provider, is_drf, is_inherited
from multistatus_app.throttling import OperationsThrottleMixin

_CHARGING: Final = ("allow_request", "throttle_success", "throttle_failure", "cache")

_KEYING: Final = ("get_cache_key", "get_ident")


class Throttles:
    """The throttles of one request's operations."""

    def __init__(self) -> None:
        self._caches: dict[int, _HeldCache] = {}
        self._verdicts: dict[int, Throttled | None] = {}

    def is_asked(self, index: int) -> bool:
        """Return True if the throttles have been asked for this operation before.

        Raises:
            Throttled: they refused it.
        """
        verdict = self._verdicts.get(index)
        if verdict is not None:
            raise verdict
        return index in self._verdicts

    def note(self, index: int, refusal: Throttled | None = None) -> None:
        """Record the throttles' decision.

        A throttle that allows has charged already.
        """
        self._verdicts[index] = refusal

    def prepare(self, throttles: Iterable[Any]) -> list[Any]:
        """Return the throttles of an operation, made to share one cache.

        Throttles that charge the whole request are left out, as they have done so.
        """
        found = [
            each for each in throttles if not isinstance(each, OperationsThrottleMixin)
        ]
        for each in found:
            if isinstance(each, SimpleRateThrottle) and _is_stock(type(each)):
                cache: Any = each.cache
                held: Any = self._caches.setdefault(id(cache), _HeldCache(cache))
                each.cache = held
        return found

    def save(self) -> None:
        """Write the charges to the cache."""
        for each in self._caches.values():
            each.save()


class _HeldCache:
    """A cache for SimpleRateThrottle that reads and writes each key once."""

    def __init__(self, cache: Any) -> None:
        self._cache = cache
        self._known: dict[str, Any] = {}
        self._changed: dict[str, Any] = {}

    def get(self, key: str, default: Any = None) -> Any:
        if key not in self._known:
            self._known[key] = self._cache.get(key, default)
        return self._known[key]

    def set(self, key: str, value: Any, timeout: Any = None) -> None:
        self._known[key] = value
        self._changed[key] = timeout

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cache, name)

    def save(self) -> None:
        for key, timeout in self._changed.items():
            self._cache.set(key, self._known[key], timeout)
        self._changed = {}


def see_who_asks_alone(view: Any) -> bool:
    """Return True if the view's throttles depend only on who sends the request."""
    return is_inherited(type(view), "get_throttles") and all(
        isinstance(each, OperationsThrottleMixin) or _is_stock(type(each), *_KEYING)
        for each in view.get_throttles()
    )


def _is_stock(cls: type, *names: str) -> bool:
    """Return True if a throttle charges as DRF's does."""
    return all(
        (provider := get_provider(cls, name)) is not None
        and (is_drf(provider) or name == "cache")
        for name in (*_CHARGING, *names)
    )
