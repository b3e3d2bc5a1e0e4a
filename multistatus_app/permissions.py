"""The refusal of a whole request: where not one of its operations is permitted."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from rest_framework.exceptions import NotAuthenticated, PermissionDenied

from multistatus_app.outcomes import Operation
from multistatus_app.singles import Singles


def get_examples(methods: Iterable[str]) -> list[Operation]:
    """Return an operation of each kind, to ask whether anything is permitted at all."""
    return [
        Operation(index=index, method=method, data={})
        for index, method in enumerate(methods)
    ]


def check_any_permitted(singles: Singles, asked: Iterable[Operation]) -> None:
    """Refuse a request of which every operation would be refused.

    Raises:
        APIException: the refusal of the first, where not one is permitted.
    """
    refusal: Exception | None = None
    for operation in asked:
        if operation.method is None:
            continue
        try:
            view = singles.get_view(operation)
            view.check_permissions(view.request)
        except (NotAuthenticated, PermissionDenied, DjangoPermissionDenied) as exc:
            refusal = refusal or exc
        except Exception:  # the operation itself will raise it, and be answered so
            return
        else:
            return
    if refusal is not None:
        raise refusal
