"""The extensions that document our routes in drf-spectacular.

While a document is generated, the view of a route is replaced by a subclass of the
viewset whose action documents the route. Single endpoints stay as they are, except that
our docstrings do not describe them.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from typing import Any, ClassVar

from drf_spectacular.extensions import OpenApiViewExtension
from drf_spectacular.plumbing import get_class
from drf_spectacular.settings import spectacular_settings
from rest_framework.settings import api_settings

from multistatus_app.mixins import BulkModelMixin, is_own_action
from multistatus_app.openapi.routes import get_queryset, get_route_view, is_shown
from multistatus_app.openapi.schemas import BulkSchemaMixin


class BulkModelExtension(OpenApiViewExtension):
    """Keeps our docstrings from describing the single endpoints of a viewset."""

    target_class = "multistatus_app.mixins.BulkModelMixin"
    match_subclasses = True
    # Only one extension applies: ours, which calls the project's own.
    priority = 100

    # The same class each time, as drf-spectacular counts classes to find the common
    # prefix of paths, on which tags and names depend.
    _replacements: ClassVar[dict[Any, Any]] = {}

    def view_replacement(self) -> Any:
        """Return the viewset, or a subclass of it without a docstring of ours."""
        viewset = self.target
        if viewset not in self._replacements:
            self._replacements[viewset] = _without_our_doc(self._get_viewset())
        return self._replacements[viewset]

    def _get_viewset(self) -> Any:
        """Return the viewset as the project's own extension replaces it."""
        for extension in sorted(self._registry, key=lambda each: -each.priority):
            if extension is not type(self) and extension._matches(self.target):
                return extension(self.target_callback).view_replacement()
        return self.target


class BulkViewExtension(OpenApiViewExtension):
    """Replaces the view of one of our routes by its viewset."""

    target_class = "multistatus_app.views.BulkView"
    match_subclasses = True
    priority = 100

    def view_replacement(self) -> Any:
        """Return the viewset with a schema of ours for our action."""
        callback: Any = self.target_callback
        extension: Any = BulkModelExtension
        callback.cls = self.target.viewset
        try:
            viewset = extension(callback).view_replacement()
        finally:
            callback.cls = self.target
        return _get_replacement(viewset, callback)


def _without_our_doc(viewset: Any) -> Any:
    """Return the viewset, or a subclass with the first docstring that is not ours."""
    excluded = spectacular_settings.GET_LIB_DOC_EXCLUDES()
    bases = itertools.takewhile(lambda each: each not in excluded, viewset.__mro__)
    documented = [each for each in bases if each.__doc__]
    theirs = [each for each in documented if not _is_ours(each)]
    if documented[:1] == theirs[:1]:
        return viewset
    # A blank, as drf-spectacular would look further after an empty docstring.
    doc = theirs[0].__doc__ if theirs else " "
    names = {"__doc__": doc, "__module__": viewset.__module__}
    return type(viewset.__name__, (viewset,), names)


def _is_ours(cls: type) -> bool:
    return cls.__module__.startswith("multistatus_app.")


def _get_replacement(viewset: Any, callback: Any) -> Any:
    """Return a viewset that documents one of our routes.

    Its schema is drf-spectacular's: with any other, `BulkView` is left out.
    """
    kind = callback.cls.bulk_kind
    names: dict[str, Any] = {
        "__module__": viewset.__module__,
        # drf-spectacular counts the classes of views, see above: one for all routes.
        "__class__": property(lambda view: viewset),
        "bulk_kind": kind,
        "bulk_callback": staticmethod(callback),
        "get_authenticators": lambda view: get_route_view(view).get_authenticators(),
        "get_renderers": lambda view: get_route_view(view).get_renderers(),
        "get_parsers": lambda view: get_route_view(view).get_parsers(),
        "get_throttles": lambda view: get_route_view(view).get_throttles(),
        "check_permissions": is_shown,
        "get_queryset": get_queryset,
    }
    for action in callback.actions.values():
        names[action] = _get_action(viewset, kind)
    return type(viewset.__name__, (viewset,), names)


def _get_action(viewset: Any, kind: str) -> Callable[..., Any]:
    """Return the action for one of our routes, annotated as ours is."""
    own: Any = getattr(viewset, kind, None)
    if not is_own_action(own):  # the project's, which has a route of its own
        own = vars(BulkModelMixin)[kind]

    @functools.wraps(own)
    def action(view: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError  # it is never called

    annotations = getattr(own, "kwargs", {})
    schema = _get_schema_class(viewset, annotations.get("schema"))
    made: Any = action
    made.kwargs = annotations | {"schema": schema}
    return action


def _get_schema_class(viewset: Any, annotated: Any) -> Any:
    """Return our schema, with the annotations of the action before it."""
    base = get_class(viewset.schema)
    own = get_class(annotated or base)
    known = base.__mro__
    if not issubclass(own, base):
        # As in drf_spectacular.generators.SchemaGenerator.create_view: a decorator on
        # the method could not know the schema of the class.
        known += get_class(api_settings.DEFAULT_SCHEMA_CLASS).__mro__
    first = [each for each in own.__mro__ if each not in known]
    return type("BulkSchema", (*first, BulkSchemaMixin, *base.__mro__), {})
