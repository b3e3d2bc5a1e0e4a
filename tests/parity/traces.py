"""What hooks, signals and on_commit callbacks say while a history runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.db.models import Model
from django.urls import NoReverseMatch


@dataclass
class Trace:
    """What was heard in one run, by kind, in order."""

    signals: list[Any] = field(default_factory=list)
    hooks: list[Any] = field(default_factory=list)
    commits: list[Any] = field(default_factory=list)
    glimpses: list[Any] = field(default_factory=list)
    reads: list[Any] = field(default_factory=list)
    """What code saw that only reads: it may run early, and twice."""
    exceptions: list[Exception] = field(default_factory=list)
    left: list[str] | None = None
    """The rows to be left when a single request is over; None: at once."""
    doomed: bool = False
    """Whether REST framework has asked for a rollback, as with ATOMIC_REQUESTS."""


trace = Trace()
"""The one that is being written."""


@contextmanager
def tracing() -> Iterator[Trace]:
    """Hear everything anew."""
    heard = Trace()
    vars(trace).update(vars(heard))
    yield heard


def say_when_committed(*said: Any) -> None:
    """Say something when the transaction commits."""
    transaction.on_commit(lambda: trace.commits.append(said))


def say_instance_when_committed(instance: Model) -> None:
    """Say when the transaction commits what an instance is by then."""
    transaction.on_commit(
        lambda: trace.commits.append((type(instance).__name__, instance.pk))
    )


def leave(text: str) -> None:
    """Leave a row that stays when the request fails, as handlers of projects do."""
    from tests.parity.models import Audit

    if trace.left is not None:
        if not trace.doomed:
            trace.left.append(text)
    elif not (connection.in_atomic_block and connection.needs_rollback):
        Audit.objects.create(text=text)


def look(view: Any) -> dict[str, Any]:
    """Return all that a hook can see of the single request."""
    request = view.request
    seen = {
        "action": view.action,
        "method": request.method,
        "kwargs": dict(view.kwargs),
        "args": tuple(view.args),
        "data": _copy(request.data),
        "query": dict(request.query_params.lists()),
        "user": str(request.user),
        "auth": str(request.auth),
        "basename": view.basename,
        "detail": view.detail,
        "suffix": view.suffix,
        "format": view.format_kwarg,
        "version": request.version,
        "agent": request.headers.get("User-Agent"),
        "reversed": _reverse(view),
        "parser": {
            name: str(each)
            for name, each in request.parser_context.items()
            if name in ("kwargs", "args")
        },
        "path": request.path,
        "full": request.get_full_path(),
        "same": request.parser_context["view"] is view,
        "actions": sorted(view.action_map.items()),
        "type": None if request.method == "DELETE" else request.content_type,
        "renderer": request.accepted_renderer.media_type,
        "left": getattr(view, "left", None),
        "route": request.resolver_match and request.resolver_match.url_name,
    }
    view.left = request.left = True
    return seen


def _reverse(view: Any) -> str | None:
    name = view.lookup_url_kwarg or view.lookup_field
    kwargs = {name: "1"} | {k: v for k, v in view.kwargs.items() if k != "format"}
    try:
        url: str = view.reverse_action("detail", kwargs=kwargs)
    except NoReverseMatch:
        return None
    return url


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copy(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_copy(each) for each in value]
    return value
