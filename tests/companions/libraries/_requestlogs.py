"""Where django-requestlogs puts what it would log; it asks before there are models."""

from __future__ import annotations

from typing import Any, Final

stored: Final[list[Any]] = []


class Storage:
    """Keeps entries in memory."""

    def store(self, entry: Any) -> None:
        """Keep an entry."""
        stored.append(entry)
