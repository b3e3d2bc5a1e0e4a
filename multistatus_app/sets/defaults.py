"""What a field that was not sent has: DRF's `get_default`, found before it is asked.

A default that is a function of the project's own may do anything, so it is a doubt.
"""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone
from rest_framework.fields import CreateOnlyDefault, CurrentUserDefault, empty

from multistatus_app.sets.origins import is_shadowing
from multistatus_app.sets.verdicts import DOUBT, SKIP, Absent

# Called twice they do nothing else than called once.
_PURE: Final = frozenset(
    map(id, (bool, dict, float, int, list, set, str, tuple, Decimal))
) | frozenset(map(id, (timezone.now, uuid.uuid4)))


def compose_absent(field: Any, *, partial: bool) -> Absent:
    """Return what a writable field does with a value that is not there."""
    if partial:
        return _skip
    return _doubt if field.required else compose_default(field)


def compose_default(field: Any) -> Absent:
    """Return what `field.get_default()` does, where no update is partial."""
    return _skip if field.default is empty else _compose(field, field.default)


def _compose(field: Any, default: Any) -> Absent:
    if not callable(default):
        return lambda instance: default
    if type(default) is CreateOnlyDefault and not is_shadowing(default):
        create = _compose(field, default.default)
        return lambda instance: create(None) if instance is None else SKIP
    if type(default) is CurrentUserDefault and not is_shadowing(default):
        return lambda instance: default(field)
    if id(default) in _PURE:
        return lambda instance: default()
    return _doubt


def _skip(instance: Any) -> Any:
    return SKIP


def _doubt(instance: Any) -> Any:
    return DOUBT
