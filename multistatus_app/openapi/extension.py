"""The extension that documents our routes in drf-spectacular.

While a document is generated, the view of a route is replaced by a subclass of the
viewset whose action documents the route. Single endpoints stay as they are, except that
our docstrings do not describe them.
"""

from __future__ import annotations

import functools
import inspect
import itertools
from collections.abc import Callable
from typing import Any, ClassVar

from drf_spectacular.extensions import OpenApiViewExtension
from drf_spectacular.plumbing import get_class
from drf_spectacular.settings import spectacular_settings

from multistatus_app.mixins import BulkModelMixin, is_own_action
from multistatus_app.openapi.routes import get_queryset, get_route_view, is_shown
from multistatus_app.openapi.schemas import BulkSchemaMixin
from multistatus_app.openapi.singles import get_schema_class


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
            if extension not in _OURS and extension._matches(self.target):
                return extension(self.target_callback).view_replacement()
        return self.target


class BulkViewExtension(OpenApiViewExtension):
    """Replaces the view of one of our routes by its viewset."""

    target_class = "multistatus_app.views.BulkView"
    match_subclasses = True
    priority = 100

    _replacements: ClassVar[dict[Any, Any]] = {}

    def view_replacement(self) -> Any:
        """Return the viewset with a schema of ours for our action."""
        if self.target not in self._replacements:
            replacement = _get_replacement(self._get_viewset(), self.target_callback)
            self._replacements[self.target] = replacement
        return self._replacements[self.target]

    def _get_viewset(self) -> Any:
        """Return the class that documents the single endpoints."""
        callback: Any = self.target_callback
        original = callback.cls
        callback.cls = original.viewset
        try:
            extension: Any = BulkModelExtension
            return extension(callback).view_replacement()
        finally:
            callback.cls = original


_OURS = (BulkModelExtension, BulkViewExtension)


def _without_our_doc(viewset: Any) -> Any:
    """Return the viewset, or a subclass with the first docstring that is not ours."""
    excluded = spectacular_settings.GET_LIB_DOC_EXCLUDES()
    bases = itertools.takewhile(lambda each: each not in excluded, viewset.__mro__)
    documented = [each for each in bases if each.__doc__]
    if not documented or not _is_ours(documented[0]):
        return viewset
    others: Any = (each.__doc__ for each in documented if not _is_ours(each))
    # A blank, as drf-spectacular would look further after an empty docstring.
    names = {"__doc__": next(others, " "), "__module__": viewset.__module__}
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

    schema = _get_bulk_schema_class(viewset, own)
    made: Any = action
    made.kwargs = getattr(own, "kwargs", {}) | {"schema": schema}
    is_described = inspect.getdoc(own) != inspect.getdoc(vars(BulkModelMixin)[kind])
    made.is_described = is_described
    return action


def _get_bulk_schema_class(viewset: Any, action: Any) -> Any:
    """Return our schema, with the action's annotations before it."""
    base = get_class(viewset.schema).__mro__
    annotated = get_schema_class(viewset, action).__mro__
    own = [each for each in annotated if each not in base]
    return type("BulkSchema", (*own, BulkSchemaMixin, *base), {})
