"""Permissions, checked before the body is read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from rest_framework import exceptions
from rest_framework.permissions import AllowAny

from multistatus_app.handlers.batches import Batch
from multistatus_app.handlers.routes import SingleRoutes, is_wrapped
from multistatus_app.overrides.origins import is_inherited

REFUSALS: Final = (
    exceptions.NotAuthenticated,
    exceptions.PermissionDenied,
    PermissionDenied,
)
"""The exceptions by which a permission refuses."""

# Methods that DRF calls before the permissions, or to answer a refusal.
_BEFORE: Final = ("dispatch", "initialize_request", "initial", "handle_exception")


def asks_permissions_first(viewset: Any, routes: SingleRoutes) -> bool:
    """Return True if no code of the project runs before the permissions.

    Such code may log the user in, or set attributes that permissions read.
    """
    return all(is_inherited(viewset, name) for name in _BEFORE) and not any(
        route is not None and is_wrapped(route)
        for route in (routes.list, routes.detail)
    )


def check_any_method(batch: Batch, methods: Sequence[str]) -> None:
    """Refuse a user whom all of these methods refuse, asked without a body.

    Raises:
        APIException: the refusal of the first.
    """
    if _permits_anybody(batch.bare):
        return
    refusal: Exception | None = None
    for method in methods:
        look = _Look()
        try:
            view = batch.get_bare_view(method, look)
            view.check_permissions(view.request)
        except REFUSALS as exc:
            if look.happened:  # it depends on the operation
                return
            refusal = refusal or exc
        except Exception:  # it needs an operation: check each one
            return
        else:
            return
    if refusal is not None:
        raise refusal


class _NotKnownYet(Exception):
    """Code asked for something that only an operation has."""


class _Look:
    """Raises when code asks for an operation's data, and remembers it."""

    happened = False

    def __call__(self) -> None:
        self.happened = True
        raise _NotKnownYet


def _permits_anybody(bare: Any) -> bool:
    """Return True if the viewset's permissions are DRF's and admit everybody."""
    return (
        is_inherited(type(bare), "check_permissions")
        and is_inherited(type(bare), "get_permissions")
        and all(each is AllowAny for each in bare.permission_classes)
    )
