"""The active language and time zone, restored after each operation."""

from __future__ import annotations

from django.utils import timezone, translation


class ActiveLocale:
    """The language and time zone that were active when the batch began.

    Each operation starts with them, as a single request starts with those that
    middleware activates.
    """

    def __init__(self) -> None:
        self._language: str | None = translation.get_language()
        self._timezone = timezone.get_current_timezone()

    def restore(self) -> None:
        """Activate them again if an operation has changed them."""
        if translation.get_language() != self._language:
            if self._language is None:
                translation.deactivate_all()
            else:
                translation.activate(self._language)
        if timezone.get_current_timezone() is not self._timezone:
            timezone.activate(self._timezone)
