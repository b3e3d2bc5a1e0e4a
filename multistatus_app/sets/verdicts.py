"""What a closure that stands in for DRF says where it has no value to return."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, Final, Literal, TypeAlias


class Verdict(Enum):
    """The type of `DOUBT` and `SKIP`; an enum, so that type checkers narrow it."""

    DOUBT = "doubt"
    SKIP = "skip"


DOUBT: Final = Verdict.DOUBT
"""DRF itself has to be asked."""
SKIP: Final = Verdict.SKIP
"""There is no value, as where DRF raises SkipField."""

Doubt: TypeAlias = Literal[Verdict.DOUBT]
Accept: TypeAlias = Callable[[Any, Any], Any]
"""A value as sent, and the instance or None: the validated value, or a verdict."""
Absent: TypeAlias = Callable[[Any], Any]
"""The instance or None: the value where none was sent, or a verdict."""
Check: TypeAlias = Callable[[Any, Any], bool]
"""A validated value, and the instance or None: whether DRF accepts; False for doubt.

It may raise, which is a doubt too.
"""
