"""Serializers cloned from one template per class.

Building a ModelSerializer is most of the cost of a naive loop. Each operation gets its
own copy, so no state leaks between operations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from django.db.models import QuerySet
from rest_framework.fields import ChoiceField, Field, empty
from rest_framework.serializers import BaseSerializer, ModelSerializer, Serializer
from rest_framework.utils.serializer_helpers import BindingDict

from multistatus_app.overrides.origins import get_provider, is_drf
from multistatus_app.overrides.serializers import is_reusable

# Methods by which a project's field may read the serializer or keep state.
_BUILDING_FIELD: Final = ("__new__", "__init__", "__deepcopy__", "bind")
_CHILDREN: Final = ("child", "child_relation")
_CONTAINERS: Final = (dict, list, set)
# The arguments of `get_serializer()` that a template supports.
_ARGUMENTS: Final = frozenset({"instance", "data", "partial"})


class SerializerTemplates:
    """The templates of one request, one per serializer class."""

    def __init__(
        self, prepare: Callable[[Serializer[Any]], None] | None = None
    ) -> None:
        """`prepare` is called once for each serializer that is built."""
        self.pays = True
        """True if more than one serializer of a class is expected."""
        self._prepare = prepare
        self._templates: dict[type, SerializerTemplate | None] = {}

    def lend(self, view: Any, *args: Any, **kwargs: Any) -> BaseSerializer[Any] | None:
        """Return a serializer as `GenericAPIView.get_serializer()` would.

        None if that is overridden or called with other arguments than a template
        supports.
        """
        if len(args) > 2 or not kwargs.keys() <= _ARGUMENTS or not self.pays:
            return None
        cls, context = view.get_serializer_class(), view.get_serializer_context()
        if cls not in self._templates:
            self._templates[cls] = self._build(cls, context)
        template = self._templates[cls]
        if template is None:
            built: BaseSerializer[Any] = cls(*args, context=context, **kwargs)
            return built
        return template.clone(context, *args, **kwargs)

    def _build(self, cls: Any, context: Mapping[str, Any]) -> SerializerTemplate | None:
        """Return a template, or None if the fields may depend on the operation."""
        if not (isinstance(cls, type) and issubclass(cls, Serializer)):
            return None
        serializer = cls(context=context)
        if not is_cloneable(serializer):
            return None
        if self._prepare is not None:
            self._prepare(serializer)
        return SerializerTemplate(serializer)


class SerializerTemplate:
    """A serializer whose fields are built, from which clones are made."""

    def __init__(self, serializer: Serializer[Any]) -> None:
        """Take ownership of a serializer."""
        for each in (serializer, *walk(serializer)):
            vars(each)["_validators"] = each.validators  # cached for the clones
        serializer._context = {}
        self._serializer = serializer
        self._clone = _get_cloner(serializer)

    def clone(
        self,
        context: Mapping[str, Any],
        instance: Any = None,
        data: Any = empty,
        *,
        partial: bool = False,
    ) -> Serializer[Any]:
        """Return a serializer as its class would, given these arguments."""
        serializer: Any = self._clone(None)
        serializer.instance = instance
        serializer.partial = partial
        serializer._context = context
        if data is not empty:
            serializer.initial_data = data
        made: Serializer[Any] = serializer
        return made


def _get_cloner(field: Any) -> Callable[[Any], Any]:
    """Return a function that copies a field, with its subfields, for a parent."""
    cls, state = type(field), dict(vars(field))
    own = [
        name
        for name, value in state.items()
        if type(value) in _CONTAINERS and name not in ("_args", "_kwargs")
    ]
    queryset: Any = state.get("queryset")
    asks = isinstance(queryset, QuerySet)
    children = [
        (name, _get_cloner(state[name]))
        for name in _CHILDREN
        if isinstance(state.get(name), Field)
    ]
    fields = [
        (name, _get_cloner(each))
        for name, each in (
            field.fields.items() if isinstance(field, Serializer) else ()
        )
    ]
    is_serializer = isinstance(field, Serializer)

    def clone(parent: Any) -> Any:
        copy = object.__new__(cls)
        attributes = copy.__dict__
        attributes.update(state)
        for name in own:
            attributes[name] = state[name].copy()
        attributes["parent"] = parent
        if asks:  # an evaluated queryset keeps its rows
            attributes["queryset"] = queryset.all()
        for name, clone_child in children:
            attributes[name] = clone_child(copy)
        if is_serializer:
            bound: Any = BindingDict.__new__(BindingDict)
            bound.serializer = copy
            bound.fields = {name: clone_field(copy) for name, clone_field in fields}
            attributes["fields"] = bound
        return copy

    return clone


def is_cloneable(serializer: Any) -> bool:
    """Return True if instances of a class differ only by their arguments.

    A serializer that nests itself cannot be cloned: its fields never end.
    """
    return (
        isinstance(serializer, Serializer)
        and not _nests_itself(serializer, ())
        and _is_reusable(serializer)
        and all(map(_is_reusable, walk(serializer)))
    )


def _nests_itself(field: Any, above: tuple[type, ...]) -> bool:
    cls = type(field)
    if isinstance(field, Serializer):
        if cls in above or not is_reusable(cls):
            return cls in above
        above = (*above, cls)
    return any(_nests_itself(each, above) for each in _get_below(field))


def _is_reusable(field: Any) -> bool:
    """Return True if an operation cannot change a field for the next one.

    DRF copies a declared default for each serializer, because it may be changed.
    """
    cls: Any = type(field)
    if isinstance(field, BaseSerializer):
        if not is_reusable(cls) or _limits_choices(field):
            return False
    elif not all(is_drf(get_provider(cls, name) or cls) for name in _BUILDING_FIELD):
        return False
    if isinstance(field, ChoiceField) and not _has_fixed_choices(field):
        return False
    return not isinstance(field.default, dict | list | set)


def _has_fixed_choices(field: Any) -> bool:
    """Return True if the choices of a field are fixed.

    Choices that are neither a list nor an enumeration may change with each build.
    """
    choices = field._kwargs.get("choices", *field._args[:1])
    return isinstance(choices, list | tuple | dict | type)


def _limits_choices(serializer: Any) -> bool:
    """Return True if a relation of the model computes its choices when built."""
    if not isinstance(serializer, ModelSerializer):
        return False
    cls: Any = type(serializer)
    meta = cls.Meta.model._meta
    return any(
        callable(getattr(field.remote_field, "limit_choices_to", None))
        for field in (*meta.fields, *meta.many_to_many)
    )


def walk(field: Any) -> Iterator[Field[Any, Any, Any, Any]]:
    """Yield the fields below a serializer or a list."""
    for each in _get_below(field):
        yield each
        yield from walk(each)


def _get_below(field: Any) -> list[Any]:
    children = (getattr(field, name, None) for name in _CHILDREN)
    return [
        *getattr(field, "fields", {}).values(),
        *(child for child in children if child is not None),
    ]
