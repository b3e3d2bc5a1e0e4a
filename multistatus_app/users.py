"""The user of a batch: each operation has the one that its own request would have."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from typing import Any, Final

from django.db.models import Model
from rest_framework.settings import api_settings

from multistatus_app.journals import Write

# Where django.contrib.auth keeps what it looked up.
_CACHES: Final = ("_perm_cache", "_user_perm_cache", "_group_perm_cache")


class Users:
    """Gives each operation a user of its own, read again where one was written to."""

    def __init__(self, user: Any) -> None:
        """Take the user that the request was authenticated as, or None."""
        self._user = user
        self._is_model = isinstance(user, Model)
        self._tables = _get_tables(user) if self._is_model else frozenset()
        self._is_stale = False

    def get(self) -> Any:
        """Return the user as a request that is made now would see it."""
        if not self._is_model:
            return self._user
        if self._is_stale:
            self._is_stale = False
            self._user = _read_again(self._user)
            self._is_model = isinstance(self._user, Model)
        return copy(self._user)

    def note(self, user: Any, writes: Iterable[Write], *, kept: bool) -> None:
        """Learn from an operation: what it wrote, and the permissions it looked up."""
        if not self._is_model:
            return
        if any(each.table is None or each.table in self._tables for each in writes):
            self._is_stale |= kept
        elif isinstance(user, Model) and user.pk == self._user.pk:
            for name in _CACHES:
                if name in vars(user):
                    setattr(self._user, name, vars(user)[name])


def _get_tables(user: Any) -> frozenset[str]:
    """Return the tables that a user, its groups and its permissions are read from."""
    models = {user.__class__, *user._meta.parents}
    related = {
        field.related_model for model in models for field in model._meta.many_to_many
    }
    throughs = {
        field.remote_field.through
        for model in models | related
        for field in model._meta.many_to_many
    }
    return frozenset(model._meta.db_table for model in models | related | throughs)


def _read_again(user: Any) -> Any:
    """Return the user as it is now; nobody, where it is gone or no longer active."""
    rows = user.__class__._base_manager.using(user._state.db)
    fresh = rows.filter(pk=user.pk).first()
    if fresh is not None and getattr(fresh, "is_active", True):
        return fresh
    nobody: Any = api_settings.UNAUTHENTICATED_USER
    return nobody() if nobody else None
