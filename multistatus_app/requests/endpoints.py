"""The single endpoints of a viewset: which there are, and how an operation names them.

Facts about classes and views; nothing is run here.
"""

from __future__ import annotations

from typing import Any, Final

SINGLE_ACTIONS: Final = {
    "POST": "create",
    "PUT": "update",
    "PATCH": "partial_update",
    "DELETE": "destroy",
}
"""The action that answers each method singly."""

BULK_ACTIONS: Final = frozenset({"bulk", "batch"})
"""The names of our own actions."""


def get_kind(view: Any) -> str | None:
    """Tell one of our routes: `bulk` or `batch`; None for any other view or class."""
    kind = getattr(view, "bulk_kind", None)
    return kind if kind in BULK_ACTIONS else None


def get_offered_methods(viewset: Any) -> tuple[str, ...]:
    """List the methods for which a viewset (class or instance) has DRF's own action.

    Within its `http_method_names`, in the order of `SINGLE_ACTIONS`. What is really
    offered depends on the routes, too.
    """
    allowed = viewset.http_method_names
    return tuple(
        method
        for method, action in SINGLE_ACTIONS.items()
        if callable(getattr(viewset, action, None)) and method.lower() in allowed
    )


def get_model(viewset: Any) -> Any:
    """Return the model of a viewset (class or instance), or None where it names none.

    Looks at the `queryset`, then at the serializer's `Meta.model`; runs no hook.
    """
    queryset: Any = getattr(viewset, "queryset", None)
    if hasattr(queryset, "model"):
        return queryset.model
    serializer = getattr(viewset, "serializer_class", None)
    return getattr(getattr(serializer, "Meta", None), "model", None)


def get_key_name(viewset: Any) -> str:
    """Return the member that holds the key in an element: the `lookup_field`.

    `pk` stands for the model's own primary key, as representations name it (`id`).
    """
    name: str = viewset.lookup_field
    if name != "pk":
        return name
    model = get_model(viewset)
    return name if model is None else _get_pk_name(model)


def _get_pk_name(model: Any) -> str:
    """Return the name of the primary key; of a child table, as in DRF, its parent's."""
    pk = model._meta.pk
    while pk.remote_field and pk.remote_field.parent_link:
        pk = pk.remote_field.model._meta.pk
    return str(pk.name)
