"""What a format is."""

from __future__ import annotations

from dataclasses import dataclass

from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format of requests and responses. `registry` lists all of them."""

    parsers: tuple[type[BaseParser], ...]
    """A parser for each media type, the preferred one first."""
    renderers: tuple[type[BaseRenderer], ...]
    """A renderer for each media type, in the same order."""
    first_characters: tuple[str, ...] = ()
    """A document starts with one of them, which tells a format without a media type."""

    @property
    def media_types(self) -> tuple[str, ...]:
        """The media types, without parameters."""
        return tuple(str(parser.media_type) for parser in self.parsers)

    def covers(self, media_type: str | None) -> bool:
        """Return True if a media type, whatever its parameters, is of this format."""
        return get_base_type(media_type) in self.media_types


def get_base_type(media_type: str | None) -> str:
    """Return a media type without its parameters, in lower case."""
    return (media_type or "").partition(";")[0].strip().lower()
