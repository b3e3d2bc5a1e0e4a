"""Receivers of a model's signals: named, and called for the rows of a set.

Receivers of `pre_save` and `post_save` run in sets if the viewset is `bulk_replayable`,
or if they are quiet. They must not ask the database there. Those of deletions run if
they are quiet, called by Django's own collector.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from functools import partial
from typing import Any, Final

from django.db.models import Model, signals

from multistatus_app.settings import get_setting

# Receivers of all models, which do nothing for one without a field of their library.
# Those of a model that has one are found out by their first statement, at the latest.
_WELL_KNOWN: Final = (
    "easy_thumbnails.signal_handlers.*",
    "imagekit.specs.sourcegroups.*",
    "treenode.signals.*",
)
_SAVING: Final = ("pre_save", "post_save")
_DELETING: Final = ("pre_delete", "post_delete")


def get_name(receiver: Any) -> str:
    """Return the dotted name of a receiver: of its function, or else of its class."""
    while isinstance(receiver, partial):
        receiver = receiver.func
    named = receiver if hasattr(receiver, "__qualname__") else type(receiver)
    return f"{named.__module__}.{named.__qualname__}"


def get_receivers(name: str, model: type[Model]) -> tuple[list[Any], list[Any]]:
    """Return the receivers of a model's signal: functions, and coroutine functions."""
    found: tuple[list[Any], list[Any]] = getattr(signals, name)._live_receivers(model)
    return found


def explain_receivers(
    name: str, model: type[Model], *, may_replay: bool = False
) -> Iterator[str]:
    """Yield a reason for each receiver of a signal that no set may call."""
    runs, awaits = get_receivers(name, model)
    for receiver in runs:
        is_known = is_quiet(receiver) and name in (*_SAVING, *_DELETING)
        if not is_known and not (may_replay and name in _SAVING):
            yield f"{name} is received by {get_name(receiver)}"
    for receiver in awaits:
        yield f"{name} is received by {get_name(receiver)}"


def is_quiet(receiver: Any) -> bool:
    """Return True if a receiver is known to ask and to write nothing."""
    name = get_name(receiver)
    patterns = (*_WELL_KNOWN, *get_setting("QUIET_RECEIVERS"))
    return any(fnmatchcase(name, each) for each in patterns)


def send(name: str, instances: Sequence[Model], **arguments: Any) -> None:
    """Call the receivers of a signal for each instance, as `Model.save()` does.

    Raises:
        Exception: whatever a receiver raises.
    """
    if not instances:
        return
    signal, model = getattr(signals, name), type(instances[0])
    receivers, _ = get_receivers(name, model)
    for instance in instances if receivers else ():
        for receiver in receivers:
            receiver(
                signal=signal,
                sender=model,
                instance=instance,
                raw=False,
                update_fields=None,
                **arguments,
            )
