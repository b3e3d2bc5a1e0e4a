"""Throttles that charge a request to our routes once for all its operations."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import APIException, Throttled
from rest_framework.request import Request
from rest_framework.throttling import (
    ScopedRateThrottle,
    SimpleRateThrottle,
    UserRateThrottle,
)

from multistatus_app.requests.endpoints import get_kind


class OperationsThrottled(Throttled):
    """The request has more operations than the rate allows now."""

    def __init__(self, *, wait: float, asked: int, left: int) -> None:
        """`wait` is in seconds; `asked` and `left` are numbers of operations."""
        noun = "operation" if asked == 1 else "operations"
        super().__init__(
            wait,
            detail=f"The request holds {asked} {noun}; the rate leaves {left} now.",
        )
        self.left = left


class OperationsThrottleMixin(SimpleRateThrottle):
    """Refuses a whole request to our routes if the rate does not allow all of it.

    A request is charged once per operation. On the single endpoints it is charged once,
    so both share one budget. A refused request costs nothing.
    """

    num_requests: int
    duration: int

    def allow_request(self, request: Request, view: Any) -> bool:
        """Charge the request.

        Raises:
            OperationsThrottled: the rate does not leave enough; with the seconds after
                which it will.
        """
        if isinstance(self, ScopedRateThrottle):  # it reads its rate from the view
            self.scope = getattr(view, self.scope_attr, None)
            if not self.scope:
                return True
            self.rate = self.get_rate()
            parsed: Any = self.parse_rate(self.rate)
            self.num_requests, self.duration = parsed
        if self.rate is None or get_kind(view) is None or not view.takes(request):
            return super().allow_request(request, view)
        key = self.get_cache_key(request, view)
        if key is None:
            return True
        try:
            cost = view.count_operations(request)
        except APIException:
            # A malformed body costs one, and the view refuses it.
            return super().allow_request(request, view)
        self.key, self.now = key, self.timer()
        started = self.now - self.duration
        history = [each for each in self.cache.get(key, []) if each > started]
        left = max(self.num_requests - len(history), 0)
        if cost > left:
            wait = self._get_wait(history, cost)
            raise OperationsThrottled(wait=wait, asked=cost, left=left)
        self.history = [self.now] * cost + history
        self.cache.set(key, self.history, self.duration)
        return True

    def _get_wait(self, history: list[float], cost: int) -> float:
        """Return the seconds until the history (newest first) leaves enough.

        For a request that costs more than the whole rate, all of the history must pass.
        """
        if cost > self.num_requests:
            return float(self.duration)
        last_to_pass = history[self.num_requests - cost]
        return self.duration - (self.now - last_to_pass)


class BulkRateThrottle(OperationsThrottleMixin, UserRateThrottle):
    """DRF's UserRateThrottle, by operation: `DEFAULT_THROTTLE_RATES["user"]`."""
