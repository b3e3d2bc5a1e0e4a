"""The URLconf's routes to viewsets: the single ones, and ours.

They are read from the URL patterns; no view is called.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import CodeType
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.contrib.admindocs.views import simplify_regex
from django.urls import URLPattern, URLResolver, get_resolver, get_urlconf
from rest_framework.settings import api_settings
from rest_framework.viewsets import ViewSetMixin

from multistatus_app.overrides.decisions import decide
from multistatus_app.requests.endpoints import SINGLE_ACTIONS, get_kind
from multistatus_app.settings import get_bulk_limit

# A parameter as `simplify_regex` writes it: <pk>, <int:pk>.
_PARAMETER: Final = re.compile(r"<(?:[^>:]+:)?([^>]+)>")
# The mappings of DRF's routers.
_LIST_ACTIONS: Final = {"get": "list", "post": "create"}
_DETAIL_ACTIONS: Final = {
    "get": "retrieve",
    "put": "update",
    "patch": "partial_update",
    "delete": "destroy",
}
# Attributes of a resolver that cache the routes as long as the URLconf lives.
_KNOWN: Final = "_multistatus_routes"
_SINGLES: Final = "_multistatus_single_routes"
OF_THE_ROUTE: Final = frozenset({"name", "description", "suffix", "detail"})
"""The arguments of `as_view()` for one route, not for the viewset."""
# Values tried for a parameter until the pattern matches one.
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
    """One URL pattern that leads to a viewset, or to our routes for it."""

    viewset: Any
    """The viewset class."""
    kind: str | None
    """`bulk` or `batch` for one of ours; None for a route of the viewset's own."""
    callback: Callable[..., Any]
    """The view, with any decorators that the URLconf applied."""
    path: str
    """Absolute, below the script prefix; parameters as `{pk}`."""
    name: str | None
    """The name for `reverse()`, with namespaces, or None if it has none."""
    actions: Mapping[str, str]
    """The action for each HTTP method, as a router spells them: `post`, `bulk`."""
    initkwargs: Mapping[str, Any]
    """The keyword arguments of `as_view()`."""
    patterns: tuple[Any, ...]
    """The patterns from the root of the URLconf down to the view."""

    @property
    def is_bulk(self) -> bool:
        """True for one of ours: `bulk/` or `batch/`."""
        return self.kind is not None

    @property
    def is_extra(self) -> bool:
        """True for an `@action` of the viewset."""
        extra = {each.__name__ for each in self.viewset.get_extra_actions()}
        return not extra.isdisjoint(self.actions.values())

    @property
    def methods(self) -> tuple[str, ...]:
        """The HTTP methods it answers. For our routes, those of the single routes."""
        if self.kind is not None:
            offered = get_single_routes(self.callback).offered
            if self.kind == "batch":
                offered = ("POST",) if offered else ()
            return tuple(each for each in offered if each.lower() in self.actions)
        allowed = self.initkwargs.get(
            "http_method_names", self.viewset.http_method_names
        )
        return tuple(method.upper() for method in self.actions if method in allowed)

    @property
    def parameters(self) -> frozenset[str]:
        """The names of the parameters in the path."""
        return frozenset(re.findall(r"{([^}]+)}", self.path))

    def takes(self, path: str) -> bool:
        """Return True if the patterns match a path."""
        rest = path
        for pattern in self.patterns:
            match = pattern.match(rest)
            if match is None:
                return False
            rest = match[0]
        return True

    def get_sample(self) -> str | None:
        """Return a value that every parameter accepts, or None if none is known."""
        paths = {sample: self.get_path(sample) for sample in _SAMPLES}
        return next((each for each in paths if self.takes(paths[each])), None)

    def get_path(self, value: str) -> str:
        """Return the path with a value for each parameter."""
        return re.sub(r"{[^}]+}", lambda _: value, self.path)

    @property
    def own_limit(self) -> Any:
        """The `bulk_limit` of the route or its viewset, not validated."""
        return self.initkwargs.get("bulk_limit", self.viewset.bulk_limit)

    @property
    def limit(self) -> int | None:
        """The most operations a request may hold, or None if a property decides."""
        own = self.own_limit
        if hasattr(type(own), "__get__"):
            return None
        return get_bulk_limit(self.viewset) if own is None else own


class SingleRoutes(NamedTuple):
    """The single routes beside one of ours."""

    list: Route | None
    """The route of the collection, which takes a POST."""
    detail: Route | None
    """The route of a resource, which takes PUT, PATCH and DELETE."""
    is_stand_in: bool = False
    """True if no URL leads to them, because only our routes were mapped."""

    @property
    def offered(self) -> tuple[str, ...]:
        """The methods they answer, in the order of `SINGLE_ACTIONS`."""
        of_list = set(self.list.methods if self.list else ()) & {"POST"}
        of_detail = set(self.detail.methods if self.detail else ()) - {"POST"}
        found = of_list | of_detail
        return tuple(method for method in SINGLE_ACTIONS if method in found)

    def get(self, method: str) -> Route | None:
        """Return the route for operations of this method."""
        return self.list if method == "POST" else self.detail


def get_routes() -> tuple[Route, ...]:
    """Return every route to a viewset, in the URLconf's order.

    Format suffixes (`bulk.json`) are the same routes again and left out.

    Raises:
        Exception: whatever importing the project's URLconf raises.
    """
    if not getattr(settings, "ROOT_URLCONF", None):
        return ()
    resolver: Any = get_resolver(get_urlconf())
    known = vars(resolver).get(_KNOWN)
    if known is None:
        known = vars(resolver)[_KNOWN] = tuple(_walk(resolver, above=()))
    routes: tuple[Route, ...] = known
    return routes


def get_routes_by_viewset(base: type) -> dict[Any, tuple[Route, ...]]:
    """Return the routes of each viewset that is a subclass of `base`."""
    found: dict[Any, tuple[Route, ...]] = {}
    for route in get_routes():
        if issubclass(route.viewset, base):
            found[route.viewset] = (*found.get(route.viewset, ()), route)
    return found


def get_single_routes(callback: Any, view: Any = None) -> SingleRoutes:
    """Find the single routes beside the route of a callback.

    If no URL leads to them, views of the viewset with DRF's usual mapping stand in.
    `view` is our view, if it was called without a URL.
    """
    routes = get_routes()
    resolver: Any = get_resolver(get_urlconf())
    known: dict[Any, SingleRoutes] = vars(resolver).setdefault(_SINGLES, {})
    if callback in known:
        return known[callback]
    cls = callback.cls if view is None else view
    bulk = next((each for each in routes if each.callback is callback), None)
    if bulk is None:
        # It is not cached, as a view without a URL may be made for one request.
        return _get_stand_ins(cls.viewset, cls.initkwargs)
    found = find_single_routes(bulk, routes)
    if not (found.list or found.detail):
        found = _get_stand_ins(cls.viewset, cls.initkwargs)
    known[callback] = found
    return found


def find_single_routes(bulk: Route, routes: Iterable[Route]) -> SingleRoutes:
    """Find the routes of the collection and of a resource beside one of ours."""
    viewset = bulk.viewset
    lookup = viewset.lookup_url_kwarg or viewset.lookup_field
    own = [each for each in routes if each.viewset is viewset and each.kind is None]
    base = bulk.path.rstrip("/").rpartition("/")[0]
    return SingleRoutes(
        list=_pick(bulk, own, bulk.parameters, usual=base),
        detail=_pick(
            bulk, own, bulk.parameters | {lookup}, usual=f"{base}/{{{lookup}}}"
        ),
    )


def explain_method(
    viewset: Any, method: str, routes: Iterable[Route]
) -> tuple[str, ...]:
    """Return the reasons why operations of a method run singly. None: they run in sets.

    `routes` are the single routes of the method.
    """
    routed = (_explain_route(route, method) for route in routes)
    reasons = decide(viewset, method).reasons
    return (*dict.fromkeys(filter(None, routed)), *reasons)


def _explain_route(route: Route, method: str) -> str | None:
    """Return how a route differs from DRF's own view of the action, or None."""
    action = route.actions.get(method.lower())
    if action != SINGLE_ACTIONS[method]:
        return f"{method} of {route.path or 'the route'} is mapped to {action}"
    if is_wrapped(route):
        return f"the view of {route.path or 'the route'} has something around it"
    return None


def is_wrapped(route: Route) -> bool:
    """Return True if the view of DRF's `as_view()` is decorated."""
    callback: Any = route.callback
    plain = vars(ViewSetMixin)["as_view"].__func__(callback.cls, dict(route.actions))
    return _get_codes(callback) != _get_codes(plain)


def _get_codes(function: Any) -> list[CodeType | None]:
    """Return the code of a function and of the functions it wraps."""
    found = []
    while function is not None:
        found.append(getattr(function, "__code__", None))
        function = getattr(function, "__wrapped__", None)
    return found


def _pick(
    bulk: Route, routes: Iterable[Route], parameters: frozenset[str], *, usual: str
) -> Route | None:
    """Pick the route nearest to ours: by path, by name, or the only candidate.

    A route at the `usual` path, where a router puts it, is taken whatever its action.
    """
    for each in routes:
        if each.path.rstrip("/") == usual:
            return each
    found = [
        each for each in routes if each.parameters == parameters and not each.is_extra
    ]
    base = bulk.path.rstrip("/").rpartition("/")[0]
    beside = [each for each in found if each.path.startswith(f"{base}/")]
    named = [each for each in found if _get_basename(each) == _get_basename(bulk)]
    for candidates in (beside, named):
        if candidates:
            return min(candidates, key=lambda each: len(each.path))
    return found[0] if len(found) == 1 else None


def _get_basename(route: Route) -> str:
    """Return the basename of a viewset's routes: "v1:city" of "v1:city-list"."""
    return (route.name or "").rpartition("-")[0]


def _get_stand_ins(viewset: Any, initkwargs: Mapping[str, Any]) -> SingleRoutes:
    own = {k: v for k, v in initkwargs.items() if k not in OF_THE_ROUTE}

    def stand_in(usual: Mapping[str, str], detail: bool) -> Route | None:
        actions = {
            method: action
            for method, action in usual.items()
            if callable(getattr(viewset, action, None))
        }
        if not actions:
            return None
        view = viewset.as_view(actions, **own, detail=detail)
        return Route(
            viewset=viewset,
            kind=None,
            callback=view,
            path="",
            name=None,
            actions=actions,
            initkwargs=view.initkwargs,
            patterns=(),
        )

    return SingleRoutes(
        list=stand_in(_LIST_ACTIONS, False),
        detail=stand_in(_DETAIL_ACTIONS, True),
        is_stand_in=True,
    )


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
    """Return the route of a pattern, or None if it leads to no viewset."""
    view: Any = pattern.callback
    cls: Any = getattr(view, "cls", None)
    if not isinstance(cls, type) or not hasattr(view, "actions"):
        return None
    kind = get_kind(cls)
    viewset: Any = cls if kind is None else view.cls.viewset
    if not hasattr(viewset, "get_extra_actions"):
        return None
    patterns = (*(each.pattern for each in above), pattern.pattern)
    path = _get_path(patterns)
    if _is_format_suffix(path):
        return None
    namespaces = [each.namespace for each in above if each.namespace]
    return Route(
        viewset=viewset,
        kind=kind,
        callback=view,
        path=path,
        name=":".join([*namespaces, pattern.name]) if pattern.name else None,
        actions=dict(getattr(view, "actions", None) or {}),
        initkwargs=dict(getattr(view, "initkwargs", None) or {}),
        patterns=patterns,
    )


def _get_path(patterns: tuple[Any, ...]) -> str:
    """Return a path as OpenAPI writes it."""
    # The root resolver's own pattern is `^/`.
    joined = "".join(str(each) for each in patterns[1:])
    path = _PARAMETER.sub(r"{\1}", simplify_regex(joined))
    return re.sub(r"\\(.)", r"\1", path)


def _is_format_suffix(path: str) -> bool:
    suffix = f"{{{api_settings.FORMAT_SUFFIX_KWARG}}}"
    path = path.rstrip("/")
    return path.endswith(suffix) and not path.endswith(f"/{suffix}")
