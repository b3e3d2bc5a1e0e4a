"""The language and the time zone of a request, which code may change for a while."""

from __future__ import annotations

from django.utils import timezone, translation


class ActiveLocale:
    """What was active when a batch began; each operation begins with it.

    A single request would have found what its middleware activates.
    """

    def __init__(self) -> None:
        """Note what is active now."""
        self._language: str | None = translation.get_language()
        self._timezone = timezone.get_current_timezone()

    def restore(self) -> None:
        """Activate it again, if an operation has activated something else."""
        if translation.get_language() != self._language:
            if self._language is None:
                translation.deactivate_all()
            else:
                translation.activate(self._language)
        if timezone.get_current_timezone() is not self._timezone:
            timezone.activate(self._timezone)
