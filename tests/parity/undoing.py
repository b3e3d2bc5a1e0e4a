"""A single request that leaves what an operation leaves: nothing, if it fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

from tests.parity.models import Audit
from tests.parity.traces import trace


def undo_if_failed(send: Callable[[], Any]) -> Any:
    """Send a single request.

    One that fails without ATOMIC_REQUESTS keeps what it wrote before it failed;
    an operation does not (docs/wire.md), so that is undone by hand. What handlers and
    `finalize_response()` write is written when the rest is undone, and kept where it is
    singly: with ATOMIC_REQUESTS, not if somebody asked for a rollback or nobody
    answered.
    """
    trace.left, trace.doomed = [], False
    try:
        with transaction.atomic():
            response = send()
            failed = response.status_code >= 400
            if failed:
                transaction.set_rollback(True)
            else:
                _write(trace.left)
        if failed:
            is_atomic = connection.settings_dict["ATOMIC_REQUESTS"]
            with transaction.atomic():
                _write(trace.left)
                if trace.doomed or (is_atomic and getattr(response, "exc_info", None)):
                    transaction.set_rollback(True)
    finally:
        trace.left = None
    return response


def _write(texts: list[str]) -> None:
    for text in texts:
        Audit.objects.create(text=text)
