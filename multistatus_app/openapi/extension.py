"""How drf-spectacular finds out about our routes: every viewset with them is replaced.

Only while a document is generated, by a subclass whose `bulk` and `batch` say more.
"""

from __future__ import annotations

import itertools
from typing import Any, ClassVar

from drf_spectacular.drainage import isolate_view_method
from drf_spectacular.extensions import OpenApiViewExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import get_class
from drf_spectacular.settings import spectacular_settings

from multistatus_app.endpoints import BULK_ACTIONS
from multistatus_app.openapi.schemas import BulkSchemaMixin
from multistatus_app.openapi.singles import get_schema_class


class BulkViewExtension(OpenApiViewExtension):
    """Replaces a viewset that has our routes."""

    target_class = "multistatus_app.mixins.BulkModelMixin"
    match_subclasses = True
    # Only one extension applies: ours, which asks the project's own one.
    priority = 100

    # The same class each time: drf-spectacular counts the classes to find the prefix
    # that all paths share, and with it tags and names.
    _replacements: ClassVar[dict[Any, Any]] = {}

    def view_replacement(self) -> Any:
        """Return the viewset, its schema for our routes mixed into its own."""
        if self.target not in self._replacements:
            replacement = _get_replacement(self._get_viewset())
            self._replacements[self.target] = replacement
        return self._replacements[self.target]

    def _get_viewset(self) -> Any:
        """Return the viewset as the project's own extension for it has it."""
        for extension in sorted(self._registry, key=lambda each: -each.priority):
            if extension is not BulkViewExtension and extension._matches(self.target):
                return extension(self.target_callback).view_replacement()
        return self.target


def _get_replacement(viewset: Any) -> Any:
    """Return a viewset that documents our routes, as far as it can be documented."""
    if not issubclass(get_class(viewset.schema), AutoSchema):
        return viewset  # drf-spectacular itself will say what is wrong
    names = {"__doc__": _get_doc(viewset), "__module__": viewset.__module__}
    replacement = type(viewset.__name__, (viewset,), names)
    for name in BULK_ACTIONS:
        method = isolate_view_method(replacement, name)
        method.kwargs["schema"] = _get_bulk_schema_class(viewset, name)
    return replacement


def _get_doc(viewset: Any) -> str:
    """Return what describes the viewset's own endpoints: no docstring of this package.

    A blank rather than nothing, lest drf-spectacular looks further.
    """
    excluded = spectacular_settings.GET_LIB_DOC_EXCLUDES()
    for each in itertools.takewhile(lambda each: each not in excluded, viewset.__mro__):
        if each.__doc__ and not each.__module__.startswith("multistatus_app."):
            return str(each.__doc__)
    return " "


def _get_bulk_schema_class(viewset: Any, action: str) -> Any:
    """Return our schema between the viewset's own and what annotates our action."""
    base = get_class(viewset.schema).__mro__
    annotated = get_schema_class(viewset, action).__mro__
    own = [each for each in annotated if each not in base]
    return type("BulkSchema", (*own, BulkSchemaMixin, *base), {})
