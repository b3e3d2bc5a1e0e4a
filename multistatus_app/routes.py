"""The routes that lead to viewsets with `BulkModelMixin`, as the URLconf has them.

Facts about URL patterns; no view is called. Checks and the command share this.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.contrib.admindocs.views import simplify_regex
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.settings import api_settings

from multistatus_app.endpoints import BULK_ACTIONS
from multistatus_app.mixins import BulkModelMixin
from multistatus_app.settings import get_bulk_limit

# What `simplify_regex` leaves of a parameter: <pk>, <int:pk>.
_PARAMETER: Final = re.compile(r"<(?:[^>:]+:)?([^>]+)>")
# Values to try for a parameter, until the pattern takes one.
_SAMPLES: Final = (
    "1",
    "a",
    "AA",
    "v1",
    "2000-01-01",
    "00000000-0000-4000-8000-000000000000",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One URL pattern that leads to a viewset with `BulkModelMixin`."""

    viewset: type[BulkModelMixin]
    """The class that answers."""
    path: str
    """Absolute, below the script prefix; parameters as `{pk}`."""
    name: str | None
    """What `reverse()` takes, namespaces included; None where it has no name."""
    actions: Mapping[str, str]
    """The action for each HTTP method, as a router spells them: `post`, `bulk`."""
    initkwargs: Mapping[str, Any]
    """What `as_view()` was given."""
    patterns: tuple[Any, ...]
    """The patterns from the root of the URLconf down to the view."""

    @property
    def is_bulk(self) -> bool:
        """Whether it is one of ours: `bulk/` or `batch/`."""
        return not BULK_ACTIONS.isdisjoint(self.actions.values())

    @property
    def methods(self) -> tuple[str, ...]:
        """The HTTP methods that it answers, as the viewset allows them."""
        allowed = self.viewset.http_method_names
        return tuple(method.upper() for method in self.actions if method in allowed)

    @property
    def parameters(self) -> frozenset[str]:
        """The names of the parameters in the path."""
        return frozenset(re.findall(r"{([^}]+)}", self.path))

    def takes(self, path: str) -> bool:
        """Whether the patterns match a path, whatever stands before them."""
        rest = path
        for pattern in self.patterns:
            match = pattern.match(rest)
            if match is None:
                return False
            rest = match[0]
        return True

    def get_sample(self) -> str | None:
        """Return a value that all parameters can have, or None where none is known."""
        paths = {sample: self.get_path(sample) for sample in _SAMPLES}
        return next((each for each in paths if self.takes(paths[each])), None)

    def get_path(self, value: str) -> str:
        """Return the path with a value for each parameter."""
        return re.sub(r"{[^}]+}", lambda _: value, self.path)

    @property
    def own_limit(self) -> Any:
        """The `bulk_limit` of the route or of its viewset, checked by nobody."""
        return self.initkwargs.get("bulk_limit", self.viewset.bulk_limit)

    @property
    def limit(self) -> int | None:
        """How many operations a request may hold; None where a property tells."""
        own = self.own_limit
        if hasattr(type(own), "__get__"):
            return None
        return get_bulk_limit(self.viewset) if own is None else own


def get_routes() -> tuple[Route, ...]:
    """Return every route to a viewset with `BulkModelMixin`, in the URLconf's order.

    Format suffixes (`bulk.json`) are the same routes again and left out.

    Raises:
        Exception: whatever importing the project's URLconf raises.
    """
    if not getattr(settings, "ROOT_URLCONF", None):
        return ()
    return tuple(_walk(get_resolver(), above=()))


def get_routes_by_viewset() -> dict[type[BulkModelMixin], tuple[Route, ...]]:
    """Return the routes of each viewset, every class once."""
    found: dict[type[BulkModelMixin], tuple[Route, ...]] = {}
    for route in get_routes():
        found[route.viewset] = (*found.get(route.viewset, ()), route)
    return found


def _walk(resolver: URLResolver, *, above: tuple[URLResolver, ...]) -> Iterator[Route]:
    above = (*above, resolver)
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            if pattern not in above:  # a URLconf that includes itself
                yield from _walk(pattern, above=above)
        elif isinstance(pattern, URLPattern):
            route = _get_route(pattern, above)
            if route is not None:
                yield route


def _get_route(pattern: URLPattern, above: tuple[URLResolver, ...]) -> Route | None:
    """Return the route, or None where the pattern leads to something else."""
    view: Any = pattern.callback
    viewset = getattr(view, "cls", None)
    if not (isinstance(viewset, type) and issubclass(viewset, BulkModelMixin)):
        return None
    patterns = (*(each.pattern for each in above), pattern.pattern)
    path = _get_path(patterns)
    if _is_format_suffix(path):
        return None
    namespaces = [each.namespace for each in above if each.namespace]
    return Route(
        viewset=viewset,
        path=path,
        name=":".join([*namespaces, pattern.name]) if pattern.name else None,
        actions=dict(getattr(view, "actions", None) or {}),
        initkwargs=dict(getattr(view, "initkwargs", None) or {}),
        patterns=patterns,
    )


def _get_path(patterns: tuple[Any, ...]) -> str:
    """Return a path that reads as in OpenAPI."""
    # The root resolver's own pattern is `^/`.
    joined = "".join(str(each) for each in patterns[1:])
    path = _PARAMETER.sub(r"{\1}", simplify_regex(joined))
    return re.sub(r"\\(.)", r"\1", path)


def _is_format_suffix(path: str) -> bool:
    suffix = f"{{{api_settings.FORMAT_SUFFIX_KWARG}}}"
    path = path.rstrip("/")
    return path.endswith(suffix) and not path.endswith(f"/{suffix}")
