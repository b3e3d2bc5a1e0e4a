"""The user of each operation, as its single request would have it."""

from __future__ import annotations

import copy
import functools
from collections.abc import Iterable
from typing import Any, Final

from django.db.models import Model
from django.utils.functional import LazyObject, cached_property

from multistatus_app.databases.statements import AnyWrite

# Where django.contrib.auth caches permissions.
_PERMISSIONS: Final = ("_perm_cache", "_user_perm_cache", "_group_perm_cache")
_CACHED: Final = (cached_property, functools.cached_property)
_LOOKED_UP: Final = (*_PERMISSIONS, "_prefetched_objects_cache")
_PLAIN: Final = (str, int, float, bool, bytes, type(None))


class RequestUser:
    """Gives each operation its own user, read again after a write to its tables."""

    def __init__(self, user: Any) -> None:
        """Take the user that the request was authenticated as, or None."""
        self._user = _unwrap(user)
        self._is_model = isinstance(self._user, Model)
        self._tables = _get_tables(self._user) if self._is_model else frozenset()
        self._is_changed = False
        self._is_stale = False
        self._fresh = self._user

    def share(self, request: Any) -> None:
        """Set the user of a request as if it were authenticated now."""
        if self._is_stale:
            self._is_stale = False
            self._fresh = _read_again(self._user)
            if self._fresh is not None:
                _hang(self._user, self._fresh, {id(self._user): self._fresh})
        if self._is_model and self._fresh is None:
            request._not_authenticated()
            return
        request._user = request._request.user = rebuild(self._fresh)

    def note(self, writes: Iterable[AnyWrite]) -> None:
        """Record the writes of an operation that are kept."""
        if self._is_model and any(
            each.table is None or each.table in self._tables for each in writes
        ):
            self._is_stale = self._is_changed = True

    def is_read_from(self, table: str) -> bool:
        """Return True if a table holds the user, its groups or its permissions."""
        return table in self._tables

    def forget(self) -> None:
        """Read the user again if it was written to, as that may be rolled back."""
        self._is_stale = self._is_changed


def rebuild(user: Any) -> Any:
    """Copy a user with its values, without the caches of its look-ups.

    Rows and containers that an authenticator set on it are copied, too.
    """
    user = _unwrap(user)
    return _rebuild(user, {}) if isinstance(user, Model) else copy.copy(user)


def _rebuild(row: Any, made: dict[int, Any]) -> Any:
    """Copy a row. `made` has the copies so far, by the id of the original."""
    state = vars(row)
    names = [
        field.attname for field in row._meta.concrete_fields if field.attname in state
    ]
    fresh: Any = row.__class__.from_db(
        row._state.db, names, [copy.deepcopy(state[name]) for name in names]
    )
    fresh._state.adding = row._state.adding
    made[id(row)] = fresh  # before the attributes, which may lead back to it
    _hang(row, fresh, made)
    return fresh


def _hang(source: Any, target: Any, made: dict[int, Any]) -> None:
    """Copy the attributes that code set on a row, without its cached look-ups."""
    for name, value in vars(source).items():
        if name in vars(target) or name in _LOOKED_UP:
            continue
        if not isinstance(getattr(type(source), name, None), _CACHED):
            setattr(target, name, own(value, made))


def copy_permissions(source: Any, target: Any) -> None:
    """Copy the cached permissions of a user to another instance of it."""
    for name in _PERMISSIONS:
        if name in getattr(source, "__dict__", {}):
            vars(target)[name] = set(vars(source)[name])


def own(value: Any, made: dict[int, Any] | None = None) -> Any:
    """Copy a row or container, so that operations cannot change it for another."""
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, Model):
        made = {} if made is None else made
        known = made.get(id(value))
        return _rebuild(value, made) if known is None else known
    if isinstance(value, dict | list | set):
        try:
            return copy.deepcopy(value)
        except Exception:  # it cannot be copied, so it is shared
            return value
    return value


def _unwrap(user: Any) -> Any:
    """Return the user in the lazy object of Django's middleware."""
    while isinstance(user, LazyObject):
        bool(user.__class__)  # evaluates it
        user = user._wrapped
    return user


def _get_tables(user: Any) -> frozenset[str]:
    """Return the tables that hold a user, its groups and its permissions."""
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
    """Read the user again. None if it is deleted, or no longer active."""
    rows = user.__class__._base_manager.using(user._state.db)
    fresh = rows.filter(pk=user.pk).first()
    if fresh is None or _is_active(fresh):
        return fresh
    return None if _is_active(user) else fresh


def _is_active(user: Any) -> bool:
    return bool(getattr(user, "is_active", True))
