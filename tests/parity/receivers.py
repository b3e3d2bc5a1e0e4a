"""Receivers with side effects, on the models whose signals somebody hears."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import signals

from tests.parity.models import (
    Audit,
    Book,
    Genre,
    Jotting,
    Loan,
    Order,
    Paperback,
    Shelf,
)
from tests.parity.traces import say_when_committed, trace

_HEARD = (Book, Paperback, Genre, Order)


def connect() -> None:
    """Connect them; models that are not named here have none."""
    for model in _HEARD:
        for name in ("pre_save", "post_save", "pre_delete", "post_delete"):
            getattr(signals, name).connect(_RECEIVERS[name], sender=model)
    signals.m2m_changed.connect(hear_m2m, sender=Book.labels.through)
    for signal in (signals.pre_save, signals.post_save):
        signal.connect(hear_quietly, sender=Jotting)


def hear_quietly(sender: Any, instance: Any, **kwargs: Any) -> None:
    """Look at what is saved; it does not matter when."""
    trace.reads.append(("saved", instance.title, instance.owner_id))


def hear_pre_save(sender: Any, instance: Any, **kwargs: Any) -> None:
    """Change the instance, or refuse it."""
    trace.signals.append(("pre_save", sender.__name__, instance.pk))
    if getattr(instance, "title", "") == "signal":
        raise ValidationError({"title": "A signal refuses it."}, code="signal")


def hear_post_save(sender: Any, instance: Any, created: bool, **kwargs: Any) -> None:
    """Write other rows, before and after which others look."""
    trace.signals.append(("post_save", sender.__name__, instance.pk, created))
    Audit.objects.create(text=f"saved {sender.__name__} {instance}")
    say_when_committed("saved", sender.__name__, instance.pk)
    if getattr(instance, "title", "") == "renames shelf":
        Shelf.objects.filter(pk=instance.shelf_id).update(name=f"of {instance.pk}")
    if getattr(instance, "title", "") == "lends":
        Loan.objects.create(book_id=instance.pk, text="by signal")


def hear_pre_delete(sender: Any, instance: Any, **kwargs: Any) -> None:
    """Say so."""
    trace.signals.append(("pre_delete", sender.__name__, instance.pk))


def hear_post_delete(sender: Any, instance: Any, **kwargs: Any) -> None:
    """Write what is left."""
    trace.signals.append(("post_delete", sender.__name__, instance.pk))
    Audit.objects.create(text=f"deleted {sender.__name__} {instance}")
    say_when_committed("deleted", sender.__name__, str(instance))


def hear_m2m(
    sender: Any, instance: Any, action: str, pk_set: Any, **kwargs: Any
) -> None:
    """Say so."""
    trace.signals.append((action, instance.pk, pk_set and sorted(pk_set)))


_RECEIVERS = {
    "pre_save": hear_pre_save,
    "post_save": hear_post_save,
    "pre_delete": hear_pre_delete,
    "post_delete": hear_post_delete,
}
