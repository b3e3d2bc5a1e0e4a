"""Checks of `MULTISTATUS`."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage

from multistatus_app.checks.words import join
from multistatus_app.settings import DEFAULTS

# Settings that None switches off.
_MAY_BE_NONE: Final = frozenset({"MIN_SET_SIZE"})


def check_multistatus() -> Iterator[CheckMessage]:
    """Yield the problems in the dict."""
    value = getattr(settings, "MULTISTATUS", {})
    if not isinstance(value, Mapping):
        yield checks.Error(
            f"The setting MULTISTATUS must be a dict, got {type(value).__name__}.",
            hint=f"Known keys are {join(DEFAULTS)}; leave the setting out for "
            f"the defaults.",
            id="multistatus.E001",
        )
        return
    for key in value:
        if key not in DEFAULTS:
            yield _get_unknown_key(key)
        elif value[key] is None and key in _MAY_BE_NONE:
            continue
        elif not is_positive(value[key]):
            yield checks.Error(
                f'MULTISTATUS["{key}"] must be a positive integer, got {value[key]!r}.',
                hint=f"The default is {DEFAULTS[key]}.",
                id="multistatus.E003",
            )


def _get_unknown_key(key: Any) -> CheckMessage:
    nearest = difflib.get_close_matches(str(key).upper(), DEFAULTS, n=1)
    suggestion = f'Did you mean "{nearest[0]}"? ' if nearest else ""
    return checks.Error(
        f"MULTISTATUS has the key {key!r}, which is not known.",
        hint=f"{suggestion}Known keys are {join(DEFAULTS)}.",
        id="multistatus.E002",
    )


def check_names() -> Iterator[CheckMessage]:
    """Yield warnings about settings that Django does not read.

    Django's settings are flat, DRF's are one dict: easily confused.
    """
    for key in DEFAULTS:
        if hasattr(settings, f"MULTISTATUS_{key}"):
            yield checks.Warning(
                f"The setting MULTISTATUS_{key} is not read.",
                hint=f'Write MULTISTATUS = {{"{key}": ...}}.',
                id="multistatus.W006",
            )


def is_positive(value: Any) -> bool:
    """Return True if a value is a positive integer."""
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
