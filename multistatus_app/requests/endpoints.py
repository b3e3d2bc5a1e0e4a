"""The single endpoints of a viewset, and the keys of its resources.

These are facts about classes and views; nothing is run here.
"""

from __future__ import annotations

from typing import Any, Final

SINGLE_ACTIONS: Final = {
    "POST": "create",
    "PUT": "update",
    "PATCH": "partial_update",
    "DELETE": "destroy",
}
"""The action of each method on the single endpoints."""

BULK_ACTIONS: Final = frozenset({"bulk", "batch"})
"""The names of our own actions."""


def get_kind(view: Any) -> str | None:
    """Return `bulk` or `batch` for one of our routes, else None."""
    kind = getattr(view, "bulk_kind", None)
    return kind if kind in BULK_ACTIONS else None


def get_offered_methods(viewset: Any) -> tuple[str, ...]:
    """Return the methods for which a viewset (class or instance) has DRF's action.

    They are within its `http_method_names`, in the order of `SINGLE_ACTIONS`. The
    routes decide which of them are offered.
    """
    allowed = viewset.http_method_names
    return tuple(
        method
        for method, action in SINGLE_ACTIONS.items()
        if callable(getattr(viewset, action, None)) and method.lower() in allowed
    )


def get_model(viewset: Any) -> Any:
    """Return the model of a viewset (class or instance), or None if it names none.

    It is that of the `queryset`, else of the serializer's `Meta.model`. No hook is run.
    """
    queryset: Any = getattr(viewset, "queryset", None)
    if hasattr(queryset, "model"):
        return queryset.model
    serializer = getattr(viewset, "serializer_class", None)
    return getattr(getattr(serializer, "Meta", None), "model", None)


def get_key_name(viewset: Any) -> str:
    """Return the name of the member that holds the key: the `lookup_field`.

    `pk` becomes the name of the primary key, as in representations (`id`). For a child
    table it is the parent's, as in DRF.
    """
    name: str = viewset.lookup_field
    model = get_model(viewset) if name == "pk" else None
    if model is None:
        return name
    pk = model._meta.pk
    while pk.remote_field and pk.remote_field.parent_link:
        pk = pk.remote_field.model._meta.pk
    return str(pk.name)
