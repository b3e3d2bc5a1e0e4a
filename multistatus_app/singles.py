"""The view and the request that an operation would have had as a single request."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, unquote_plus, urlsplit

from django.db.models.constants import LOOKUP_SEP
from django.urls import (
    NoReverseMatch,
    Resolver404,
    ResolverMatch,
    get_script_prefix,
    resolve,
    reverse,
)
from django.urls.converters import get_converters
from django.utils.datastructures import MultiValueDict

from multistatus_app.endpoints import get_offered_methods
from multistatus_app.options import QUERY_OPTIONS
from multistatus_app.outcomes import ABSENT, Operation
from multistatus_app.users import Users

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase
    from rest_framework.request import Request
    from rest_framework.serializers import BaseSerializer

    from multistatus_app.lending import SerializerPool
    from multistatus_app.mixins import BulkModelMixin
    from multistatus_app.targets import Targets

_LIST_ACTIONS: Final = {"get": "list", "head": "list", "post": "create"}
_DETAIL_ACTIONS: Final = {
    "get": "retrieve",
    "head": "retrieve",
    "put": "update",
    "patch": "partial_update",
    "delete": "destroy",
}
# What DRF's routers take in place of a `lookup_value_regex`.
_DEFAULT_LOOKUP_REGEX: Final = "[^/.]+"
# As many are reversed one by one.
_FEW: Final = 4
_PLAIN_CONVERTERS: Final = ("str", "slug", "path")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_SHARED: Final = (
    "_auth",
    "_authenticator",
    "accepted_renderer",
    "accepted_media_type",
    "version",
    "versioning_scheme",
)
_NOT_SINGLE: Final = ("CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING", "HTTP_PREFER")


@dataclass(slots=True)
class SingleState:
    """What only the view of one operation has; of a request's own view all is None."""

    operation: Operation | None = None
    """What the view is asked to do."""
    serializer_pool: SerializerPool | None = None
    """Where its action's serializer comes from, at the depth of hooks."""
    used_serializer: BaseSerializer[Any] | None = None
    """The serializer that its action validated with."""
    targets: Targets | None = None
    """The targets of the batch."""
    fetched: Any = None
    """The target that it was given, whoever asked."""


class Singles:
    """Makes a fresh view and request for each operation of one bulk request.

    Nothing that a hook sets on either is seen by the next operation.
    """

    def __init__(self, view: BulkModelMixin, request: Request) -> None:
        """Take over what the operations share with the request they came in."""
        self.viewset = type(view)
        self.request = request
        self.initkwargs = view._initkwargs
        self.args = view.args
        self.kwargs = view.kwargs
        self.lookup_kwarg: str = view.lookup_url_kwarg or view.lookup_field
        self.offered = get_offered_methods(view)
        self.paths = Paths(view, request)
        self.users = Users(vars(request).get("_user"))
        self._template = self._get_template(request._request)
        self._actions = {
            detail: {
                method: action
                for method, action in actions.items()
                if hasattr(view, action)
            }
            for detail, actions in ((False, _LIST_ACTIONS), (True, _DETAIL_ACTIONS))
        }

    def get_view(
        self, operation: Operation, *, method: str | None = None
    ) -> BulkModelMixin:
        """Return the view of an operation, its single request in `view.request`.

        `method` asks for another method on the same resource.
        """
        method = method or operation.method or ""
        detail = method != "POST"
        view = self._create_view(detail=detail)
        view._single.operation = operation
        view.args = self.args
        view.kwargs = dict(self.kwargs)
        if detail and operation.key is not None:
            view.kwargs[self.lookup_kwarg] = self.paths.get_kwarg(operation.key)
        href = self.paths.get_href(operation.key) if detail else self.paths.list_path
        http: Any = self._get_http_request(method, href)
        http.resolver_match = self.paths.get_match(href, view)
        view.request = http
        request = view.initialize_request(http, *view.args, **view.kwargs)
        absent = operation.data is ABSENT or method == "GET"
        self._share(request, {} if absent else operation.data)
        view.request = request
        view.headers = view.default_response_headers
        view.format_kwarg = view.get_format_suffix(**view.kwargs)
        return view

    def _create_view(self, *, detail: bool) -> BulkModelMixin:
        initkwargs = self.initkwargs | {
            "detail": detail,
            "suffix": "Instance" if detail else "List",
        }
        initkwargs.pop("name", None)
        initkwargs.pop("description", None)
        view = self.viewset(**initkwargs)
        view.action_map = self._actions[detail]
        for method, action in view.action_map.items():
            setattr(view, method, getattr(view, action))
        return view

    def _get_template(self, http: HttpRequest) -> dict[str, Any]:
        """Return the state of the HttpRequest, without what is not single in it."""
        state = dict(vars(http))
        query = http.GET.copy()
        for name in QUERY_OPTIONS:
            query.pop(name, None)
        query._mutable = False
        kept = [
            each
            for each in http.META.get("QUERY_STRING", "").split("&")
            if unquote_plus(each.partition("=")[0]) not in QUERY_OPTIONS
        ]
        meta = {k: v for k, v in http.META.items() if k not in _NOT_SINGLE}
        meta["QUERY_STRING"] = "&".join(kept)
        if "xml" in (http.content_type or ""):
            # The values of XML were parsed already; the single endpoint knows no XML.
            meta["CONTENT_TYPE"] = state["content_type"] = "application/json"
        state.pop("headers", None)
        return state | {"GET": query, "META": meta}

    def _get_http_request(self, method: str, href: str | None) -> HttpRequest:
        original = self.request._request
        http = type(original).__new__(type(original))
        vars(http).update(self._template)
        http.method = method
        http.META = self._template["META"] | {"REQUEST_METHOD": method}
        path = href or self.paths.list_path
        if path is not None:
            http.path = unquote(path)
            http.path_info = "/" + http.path.removeprefix(get_script_prefix())
            http.META["PATH_INFO"] = http.path_info
        return http

    def _share(self, request: Any, data: Any) -> None:
        """Give a single request its data, and what the request it came in found out."""
        # A hook may change it; a replay, a retry and the answer need it as it came.
        request._data = request._full_data = _copy(data)
        request._files = MultiValueDict()
        for name in _SHARED:
            if name in vars(self.request):
                setattr(request, name, getattr(self.request, name))
        if "_user" in vars(self.request):
            self.users.share(request)


class Paths:
    """The paths of a viewset's resources, as its router routes them."""

    def __init__(self, view: BulkModelMixin, request: Request) -> None:
        """Read the names of the routes off the route of the request."""
        self.lookup_kwarg: str = view.lookup_url_kwarg or view.lookup_field
        self.lookup_field: str = view.lookup_field
        self.pattern = _get_lookup_regex(view)
        match = request.resolver_match
        # "v1:city-bulk" → "v1:city"
        self.prefix = match.view_name.rpartition("-")[0] if match else None
        suffix = view.settings.FORMAT_SUFFIX_KWARG
        self.kwargs = {k: v for k, v in view.kwargs.items() if k != suffix}
        self.args = view.args
        self.list_path = self._reverse("list")
        self._hrefs: dict[str, str | None] = {}
        self._match = match
        self._matches: dict[bool, ResolverMatch] = {}
        self._converts: bool | None = None
        self._form: tuple[str, str] | None = None

    def get_href(self, key: str | None) -> str | None:
        """Return the absolute path of the resource with this key, if it has one."""
        if key is None:
            return None
        if key not in self._hrefs:
            href = self._fill(key) if len(self._hrefs) >= _FEW else None
            if href is None:
                href = self._reverse("detail", **{self.lookup_kwarg: key})
            self._hrefs[key] = href
        return self._hrefs[key]

    def has_route(self, key: str | None) -> bool:
        """Whether a URL could carry this key; if not, the single endpoint is a 404."""
        if key is None or self.get_href(key) is not None:
            return True
        return not _SURROGATE.search(key) and bool(re.fullmatch(self.pattern, key))

    def get_kwarg(self, key: str) -> Any:
        """Return the key as the router would pass it: through its path converter."""
        href = self.get_href(key)
        if href is None or self._converts is False:
            return key
        try:
            match = _resolve(href)
        except Resolver404:
            return key
        converter = re.search(rf"<([^<>:]+):{self.lookup_kwarg}>", match.route)
        self._converts = converter is not None and converter[1] not in _PLAIN_CONVERTERS
        return match.kwargs.get(self.lookup_kwarg, key)

    def get_match(self, href: str | None, view: BulkModelMixin) -> ResolverMatch | None:
        """Return how a single request would have been routed, with its kwargs."""
        detail = bool(view.detail)
        if detail not in self._matches:
            try:
                self._matches[detail] = _resolve(href or "")
            except Resolver404:
                return self._match
        match: Any = self._matches[detail]
        return ResolverMatch(
            match.func,
            match.args,
            dict(view.kwargs),
            url_name=match.url_name,
            app_names=match.app_names,
            namespaces=match.namespaces,
            route=match.route,
            tried=match.tried,
            captured_kwargs=dict(view.kwargs),
            extra_kwargs=match.extra_kwargs,
        )

    def get_key(self, instance: Any) -> str | None:
        """Return the key of a model instance, the `lookup_field` followed through."""
        value = instance
        for name in self.lookup_field.split(LOOKUP_SEP):
            value = getattr(value, name, None)
        return None if value is None else str(value)

    def get_located(self, response: HttpResponseBase) -> str | None:
        """Return the path in a response's own `Location`, if it has one."""
        location = response.headers.get("Location")
        return urlsplit(location).path or None if location else None

    def _fill(self, key: str) -> str | None:
        """Return the path of a resource as those of two others look; None in doubt.

        A URL pattern that takes any key, as routers write it, has one form for all.
        """
        if not (key.isascii() and key.isalnum()):
            return None
        if self._form is None:
            self._form = self._get_form()
        before, after = self._form
        return f"{before}{key}{after}" if before else None

    def _get_form(self) -> tuple[str, str]:
        """Return what stands before and after a key; nothing where that depends."""
        forms = set()
        for key in ("0", "x" * 40):
            href = self._reverse("detail", **{self.lookup_kwarg: key}) or ""
            before, _, after = href.rpartition(key)
            forms.add((before, after))
        try:
            route = _resolve(href).route
        except Resolver404:
            return "", ""
        any_key = f"(?P<{self.lookup_kwarg}>{_DEFAULT_LOOKUP_REGEX})"
        return forms.pop() if any_key in route and len(forms) == 1 else ("", "")

    def _reverse(self, route: str, **kwargs: Any) -> str | None:
        if self.prefix is None:
            return None
        try:
            return reverse(
                f"{self.prefix}-{route}",
                args=self.args or None,
                kwargs=None if self.args else self.kwargs | kwargs,
            )
        except (NoReverseMatch, UnicodeEncodeError):  # no URL has a lone surrogate
            return None


def _resolve(href: str) -> ResolverMatch:
    """Return where a path is routed to.

    Raises:
        Resolver404: nowhere.
    """
    return resolve("/" + unquote(href).removeprefix(get_script_prefix()))


def _get_lookup_regex(view: Any) -> str:
    """Return what a router takes for a key."""
    converter = getattr(view, "lookup_value_converter", None)
    if converter in get_converters():
        return str(get_converters()[converter].regex)
    return str(getattr(view, "lookup_value_regex", _DEFAULT_LOOKUP_REGEX))


def _copy(data: Any) -> Any:
    """Return the data of an operation with objects and arrays that are its own."""
    if type(data) is dict:
        return {name: _copy(each) for name, each in data.items()}
    if type(data) is list:
        return [_copy(each) for each in data]
    return data
