"""One viewset, once for each way in which operations share a transaction."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import F
from rest_framework.response import Response
from rest_framework.views import exception_handler

from multistatus_app.handlers import get_state
from multistatus_app.viewsets import BulkModelViewSet
from tests.shop.models import Event, Product
from tests.shop.serializers import ProductSerializer

SAID: list[str] = []
"""What on_commit callbacks said, in this process."""

MEDDLERS: dict[str, Callable[[], Any]] = {}
"""What a test wants to happen in the hook of an operation, by sku, after it wrote."""


def _kill_the_worker() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


_COMMANDS: dict[str, Callable[[], Any]] = {
    "sigkill": _kill_the_worker,
    "sigkill after commit": lambda: transaction.on_commit(_kill_the_worker),
    "slow": lambda: time.sleep(0.3),
}
"""The same for a server in another process, by name."""


class FaultViewSet(BulkModelViewSet):
    """Leaves a row, an event and a callback behind for each operation."""

    queryset = Product.objects.order_by("pk")
    serializer_class = ProductSerializer

    def perform_create(self, serializer: Any) -> None:
        """Save, and leave traces."""
        self._leave(serializer.save())

    def perform_update(self, serializer: Any) -> None:
        """Save, count and leave traces."""
        product = serializer.save()
        type(product)._base_manager.using(product._state.db).filter(
            pk=product.pk
        ).update(stock=F("stock") + 1)
        self._leave(product)

    def perform_destroy(self, instance: Any) -> None:
        """Delete, and leave traces."""
        using = instance._state.db
        instance.delete(using=using)
        instance._state.db = using
        self._leave(instance)

    def _leave(self, product: Any) -> None:
        text = f"{self.request.method} {product.sku} {product.name}"
        using = product._state.db
        Event.objects.using(using).create(text=text)
        transaction.on_commit(lambda: SAID.append(text), using=using)
        meddle = MEDDLERS.get(product.sku) or _COMMANDS.get(product.name)
        if meddle is not None:
            meddle()


class GroupViewSet(FaultViewSet):
    """A savepoint per group."""

    bulk_replayable = True


class CommitViewSet(FaultViewSet):
    """A transaction for each two operations."""

    bulk_commit_every = 2


class Audited(FaultViewSet):
    """Writes down what failed, as projects do in their exception handler."""

    def get_exception_handler(self) -> Any:
        """Return a handler that writes."""

        def handle(exc: Exception, context: Any) -> Response | None:
            Event.objects.create(text=f"audit {type(exc).__name__}")
            if get_state(self.request) is not None and "audit" in MEDDLERS:
                MEDDLERS["audit"]()
            response: Response | None = exception_handler(exc, context)
            return response

        return handle


STRATEGIES: dict[str, type[FaultViewSet]] = {
    "operation": FaultViewSet,
    "group": GroupViewSet,
    "commit": CommitViewSet,
}


def derive(strategy: str, *bases: type, **attributes: Any) -> Any:
    """Return the viewset of a strategy with other options."""
    viewset = STRATEGIES[strategy]
    return type(viewset.__name__, (*bases, viewset), attributes)
