"""The user of a batch: each operation has the one that its own request would have."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from typing import Any, Final

from django.db.models import Model

from multistatus_app.journals import AnyWrite

# Where django.contrib.auth keeps what it looked up.
_CACHES: Final = ("_perm_cache", "_user_perm_cache", "_group_perm_cache")


class Users:
    """Gives each operation a user of its own, read again where one was written to."""

    def __init__(self, user: Any) -> None:
        """Take the user that the request was authenticated as, or None."""
        self._user = user
        self._is_model = isinstance(user, Model)
        self._tables = _get_tables(user) if self._is_model else frozenset()
        self._is_changed = False
        self._is_stale = False
        self._fresh = user

    def share(self, request: Any) -> None:
        """Give a request the user that it would find if it were made now."""
        if self._is_stale:
            self._is_stale = False
            self._fresh = _read_again(self._user)
        if self._is_model and self._fresh is None:
            request._not_authenticated()
            return
        user = copy(self._fresh) if self._is_model else self._user
        request._user = request._request.user = user

    def note(self, user: Any, writes: Iterable[AnyWrite], *, kept: bool) -> None:
        """Learn from an operation: what it wrote, and the permissions it looked up."""
        if not self._is_model:
            return
        if any(each.table is None or each.table in self._tables for each in writes):
            self._is_stale |= kept
            self._is_changed |= kept
        elif self._fresh is not None and _is_same(user, self._user):
            for name in _CACHES:
                if name in vars(user):
                    setattr(self._fresh, name, vars(user)[name])

    def is_read_from(self, table: str) -> bool:
        """Whether a table holds the user, its groups or its permissions."""
        return table in self._tables

    def forget(self) -> None:
        """Read the user again if it was written to: that may have been rolled back."""
        self._is_stale = self._is_changed


def _is_same(user: Any, other: Any) -> bool:
    return isinstance(user, Model) and user.pk == other.pk


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
    """Return the user as it is now; None where it is gone or no longer active."""
    rows = user.__class__._base_manager.using(user._state.db)
    fresh = rows.filter(pk=user.pk).first()
    if fresh is None or _is_active(fresh):
        return fresh
    return None if _is_active(user) else fresh


def _is_active(user: Any) -> bool:
    return bool(getattr(user, "is_active", True))
