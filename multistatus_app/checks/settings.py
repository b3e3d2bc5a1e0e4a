"""Checks of `MULTISTATUS`."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage
from django.utils.text import get_text_list

from multistatus_app.settings import DEFAULTS

# Settings that None switches off.
_MAY_BE_NONE: Final = frozenset({"MIN_SET_SIZE"})


def check_multistatus() -> Iterator[CheckMessage]:
    """Yield the problems in the dict."""
    value = getattr(settings, "MULTISTATUS", {})
    known = f"Known keys are {get_text_list([*DEFAULTS], 'and')}"
    if not isinstance(value, Mapping):
        yield checks.Error(
            f"The setting MULTISTATUS must be a dict, got {type(value).__name__}.",
            hint=f"{known}; leave the setting out for the defaults.",
            id="multistatus.E001",
        )
        return
    for key, chosen in value.items():
        if key not in DEFAULTS:
            nearest = difflib.get_close_matches(str(key).upper(), DEFAULTS, n=1)
            suggestion = f'Did you mean "{nearest[0]}"? ' if nearest else ""
            yield checks.Error(
                f"MULTISTATUS has the key {key!r}, which is not known.",
                hint=f"{suggestion}{known}.",
                id="multistatus.E002",
            )
        elif isinstance(DEFAULTS[key], list):
            if not _is_list_of_text(chosen):
                yield checks.Error(
                    f'MULTISTATUS["{key}"] must be a list of dotted names, '
                    f"got {chosen!r}.",
                    hint='For example ["imagekit.specs.sourcegroups.*"].',
                    id="multistatus.E003",
                )
        elif not (is_positive(chosen) or (chosen is None and key in _MAY_BE_NONE)):
            yield checks.Error(
                f'MULTISTATUS["{key}"] must be a positive integer, got {chosen!r}.',
                hint=f"The default is {DEFAULTS[key]}.",
                id="multistatus.E003",
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


def _is_list_of_text(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(
        isinstance(each, str) for each in value
    )


def is_positive(value: Any) -> bool:
    """Return True if a value is a positive integer."""
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
