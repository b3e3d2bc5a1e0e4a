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


def get_offered_methods(viewset: Any) -> tuple[str, ...]:
    """Return the methods that a viewset (class or instance) offers singly.

    Within its `http_method_names`, in the order of `SINGLE_ACTIONS`.
    """
    return tuple(
        method
        for method, action in SINGLE_ACTIONS.items()
        if callable(getattr(viewset, action, None))
        and method.lower() in viewset.http_method_names
    )


def get_model(viewset: Any) -> Any:
    """Return the model of a viewset (class or instance), or None where it names none.

    Looks at the `queryset`, then at the serializer's `Meta.model`; runs no hook.
    """
    queryset = getattr(viewset, "queryset", None)
    if queryset is not None:
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


def is_bulk_route(view: Any) -> bool:
    """Whether a view instance answers one of our routes, OPTIONS and 405 included."""
    return not BULK_ACTIONS.isdisjoint(
        (getattr(view, "action_map", None) or {}).values()
    )
