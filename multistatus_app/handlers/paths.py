"""Paths of single requests, from the project's own URLs."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Final, NamedTuple
from urllib.parse import quote, unquote, urlsplit

from django.db.models.constants import LOOKUP_SEP
from django.http.response import HttpResponseBase
from django.urls import ResolverMatch, get_script_prefix, resolve, reverse
from django.utils.encoding import iri_to_uri

from multistatus_app.handlers.routes import Route, get_single_routes

# RFC 3986 3.3: characters that need no encoding in a segment of a path.
_SEGMENT: Final = "~!$&'()*+,;=:@"
# Clients and servers remove these segments from a path.
_DOTS: Final = frozenset({".", ".."})
# Servers refuse longer paths, and matching them may be slow.
_LONGEST_KEY: Final = 8000
# Paths are resolved one by one up to this number, then made from a known one.
_FEW: Final = 4


class Place(NamedTuple):
    """A path, and where it leads."""

    path: str
    """Absolute, percent-encoded, script prefix included."""
    match: ResolverMatch
    """The view of the single route, with its arguments."""


class ResourcePaths:
    """The paths of a viewset's resources, beside one of our routes."""

    def __init__(self, view: Any, http: Any, kwargs: dict[str, Any]) -> None:
        """Find the single routes beside the route of a request.

        `view` is that of our route; `kwargs` are those of its URL.
        """
        viewset = view.bare
        self.lookup_kwarg: str = viewset.lookup_url_kwarg or viewset.lookup_field
        self.lookup_field: str = viewset.lookup_field
        self.kwargs = kwargs
        match = http.resolver_match
        self.namespace: str = match.namespace if match else ""
        self.routes = get_single_routes(match and match.func, view)
        self._base = _get_parent(http.path)
        self._slash = "/" if http.path.endswith("/") else ""
        self._details: dict[str, Place | None] = {}
        self._forms: dict[int, tuple[str, str]] = {}

    @cached_property
    def list(self) -> Place | None:
        """The place of the list route, or None if there is none."""
        base = self._base if self._slash else self._base.rstrip("/")
        return self._find(self.routes.list, self.kwargs, base)

    def get_route(self, method: str) -> Route | None:
        """Return the single route for operations of this method."""
        return self.routes.get(method)

    def get_detail(self, key: str) -> Place | None:
        """Return the place of a key's detail route, or None if no path has this key."""
        if key not in self._details:
            self._details[key] = self._find_detail(key)
        return self._details[key]

    def get_href(self, key: str | None) -> str | None:
        """Return the absolute path of the resource with this key, if it has one."""
        if key is None or self.routes.is_stand_in:
            return None
        is_number = key.isascii() and key.isdigit()
        if is_number and key not in self._details and len(self._details) >= _FEW:
            return self._fill(key)
        return self._get_path(key)

    def has_route(self, key: str | None) -> bool:
        """Return True if a path leads to this key. None stands for a create."""
        place = self.list if key is None else self.get_detail(key)
        return place is not None

    def get_key(self, instance: Any) -> str | None:
        """Return the key of an instance, following `lookup_field`."""
        value = instance
        for name in self.lookup_field.split(LOOKUP_SEP):
            value = getattr(value, name, None)
        if value is None or isinstance(value, tuple | list | dict | set):
            return None  # a composite key is in no path
        return str(value)

    def get_located(self, response: HttpResponseBase) -> str | None:
        """Return the path of a response's `Location` header, if it has one."""
        path = urlsplit(response.headers.get("Location", "")).path
        return iri_to_uri(path) if path.startswith("/") else None

    def _find_detail(self, key: str) -> Place | None:
        if key in _DOTS or not key or len(key) > _LONGEST_KEY:
            return None
        kwargs = self.kwargs | {self.lookup_kwarg: key}
        if self.routes.is_stand_in:
            return self._stand_in(self.routes.detail, kwargs, key)
        try:
            path = f"{self._base}{quote(key, safe=_SEGMENT)}{self._slash}"
        except UnicodeEncodeError:  # a lone surrogate cannot be encoded
            return None
        return self._find(self.routes.detail, kwargs, path)

    def _find(
        self, route: Route | None, kwargs: dict[str, Any], guess: str
    ) -> Place | None:
        """Return the place of a route, by its name or else at the guessed path."""
        if route is None:
            return None
        if self.routes.is_stand_in:
            return self._stand_in(route, kwargs, None)
        for path in (self._reverse(route, kwargs), guess):
            match = None if path is None else self._resolve(path)
            is_route = match is not None and match.func is route.callback
            if match and is_route and match.kwargs.keys() == kwargs.keys():
                return Place(path or "", match)
        return None

    def _stand_in(
        self, route: Route | None, kwargs: dict[str, Any], key: str | None
    ) -> Place | None:
        """Return a view that no URL leads to, where only our routes were mapped."""
        if route is None:
            return None
        end = "" if key is None else f"{quote(key, safe=_SEGMENT, errors='replace')}/"
        match = ResolverMatch(route.callback, (), kwargs)
        return Place(f"{self._base}{end}", match)

    def _reverse(self, route: Route, kwargs: dict[str, Any]) -> str | None:
        if route.name is None:
            return None
        name = route.name.rpartition(":")[2]
        try:
            return reverse(
                f"{self.namespace}:{name}" if self.namespace else name, kwargs=kwargs
            )
        except Exception:  # a converter's `to_url()` may raise: '"%04d" % value'
            return None

    def _resolve(self, path: str) -> ResolverMatch | None:
        try:
            return resolve("/" + unquote(path).removeprefix(get_script_prefix()))
        except Exception:  # as above; most often it is Django's Resolver404
            return None

    def _fill(self, key: str) -> str | None:
        """Make the path of a number from that of another with as many digits.

        One path is resolved for each number of digits, as a pattern may match only
        numbers of four digits, such as years.
        """
        if len(key) not in self._forms:
            before, _, after = (self._get_path(key) or "").rpartition(key)
            self._forms[len(key)] = (before, after)
        before, after = self._forms[len(key)]
        return f"{before}{key}{after}" if before else self._get_path(key)

    def _get_path(self, key: str) -> str | None:
        place = self.get_detail(key)
        return None if place is None else place.path


def _get_parent(path: str) -> str:
    """Return a path without its last segment."""
    parent = path.rstrip("/").rpartition("/")[0]
    return quote(f"{parent}/", safe=f"/{_SEGMENT}", errors="replace")
