"""The overrides of a viewset that must run for each operation in turn."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from typing import Any, Final

from multistatus_app.overrides.hooks import calls_save_alone, ends_with_save
from multistatus_app.overrides.origins import (
    describe_override,
    describe_overrides,
    get_path,
    get_provider,
    has_drfs,
    is_drf,
    is_inherited,
)

# What DRF does around an action. An override may write.
_AROUND: Final = (
    "initialize_request",
    "initial",
    "perform_authentication",
    "determine_version",
    "check_permissions",
    "check_object_permissions",
)
# Reads of a view that all operations share if they are DRF's.
_SHARED: Final = (
    *_AROUND,
    "get_permissions",
    "get_serializer_class",
    "get_serializer_context",
)
_HOOKS: Final = {
    "POST": "perform_create",
    "PUT": "perform_update",
    "PATCH": "perform_update",
    "DELETE": "perform_destroy",
}
# Modules of filters that read query parameters alone, beside DRF's own.
_FILTERING: Final = ("django_filters.rest_framework.backends",)


def get_hook(viewset: type, method: str) -> str | None:
    """Return the name of a method's hook if it is overridden, else None."""
    name = _HOOKS[method]
    return None if is_inherited(viewset, name) else name


def get_bulk_hook(viewset: Any, method: str) -> str | None:
    """Return the name of the hook by which a project writes sets itself, if any.

    A method of that name must accept (serializer, operations).
    """
    name = _HOOKS[method].replace("perform_", "perform_bulk_")
    hook = getattr(viewset, name, None)
    if not callable(hook):
        return None
    arguments = ["serializer", "operations"]
    if inspect.isfunction(hook) and not isinstance(
        inspect.getattr_static(viewset, name), staticmethod
    ):
        arguments.insert(0, "self")
    try:
        inspect.signature(hook).bind(*arguments)
    except (TypeError, ValueError):
        return None
    return name


def get_hook_reasons(viewset: Any, method: str) -> Iterator[str]:
    """Yield a reason if the hook of a method does more than save or delete."""
    hook = get_hook(viewset, method)
    if hook is None or get_bulk_hook(viewset, method) is not None:
        return
    provider: Any = get_provider(viewset, hook)
    may_replay = getattr(viewset, "bulk_replayable", False)
    is_proven = ends_with_save if may_replay else calls_save_alone
    if method == "DELETE" or not is_proven(vars(provider)[hook]):
        yield describe_override(hook, viewset)


def get_view_reasons(viewset: Any, method: str) -> Iterator[str]:
    """Yield the overrides of a viewset that must run for each operation in turn."""
    yield from get_hook_reasons(viewset, method)
    yield from describe_overrides(viewset, ["finalize_response"])
    if not getattr(viewset, "bulk_replayable", False):
        yield from describe_overrides(viewset, _AROUND)
    if getattr(viewset, "bulk_columns", True) is False:
        yield "bulk_columns is False"
    yield from explain_permissions(each() for each in viewset.permission_classes)
    if method == "POST":
        yield from describe_overrides(viewset, ["get_success_headers"])
    else:
        yield from describe_overrides(viewset, ["get_object"])
        if getattr(viewset, "bulk_lock", None):
            yield f"bulk_lock is {viewset.bulk_lock!r}"


def explain_permissions(permissions: Iterable[Any]) -> Iterator[str]:
    """Yield which permissions say that they must not run early, or twice."""
    for permission in permissions:
        for each in _get_operands(permission):
            if getattr(each, "bulk_columns", True) is False:
                yield f"bulk_columns of {get_path(type(each))} is False"


def has_own_queryset(viewset: Any) -> bool:
    """Return True if operations may have different querysets.

    Then each one's is compared with the one that was fetched.
    """
    names = ["get_queryset", "filter_queryset"]
    return any(describe_overrides(viewset, names)) or not all(
        is_drf(backend) or backend.__module__ in _FILTERING
        for backend in viewset.filter_backends
    )


def get_sharing_reasons(viewset: Any) -> Iterator[str]:
    """Yield the overrides of a viewset that may depend on one operation.

    `viewset` is a class or an instance.
    """
    cls = viewset if isinstance(viewset, type) else type(viewset)
    yield from describe_overrides(cls, _SHARED)
    for permission in viewset.permission_classes:
        for each in _get_operands(permission()):
            cls = type(each)
            if not (is_drf(cls) and has_drfs(cls, "has_permission")):
                yield f"the permission {get_path(cls)} is the project's"


def _get_operands(permission: Any) -> Iterator[Any]:
    """Yield a permission, or its operands if it is combined by `&`, `|` or `~`."""
    operands = [
        vars(permission)[name] for name in ("op1", "op2") if name in vars(permission)
    ]
    if not operands:
        yield permission
    for each in operands:
        yield from _get_operands(each)
