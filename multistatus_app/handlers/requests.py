"""The HttpRequest that an operation would have come in as a single request."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any, Final, Self
from urllib.parse import unquote, unquote_plus

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model
from django.http import QueryDict
from django.urls import get_script_prefix
from django.utils.datastructures import MultiValueDict
from django.utils.functional import LazyObject, SimpleLazyObject
from rest_framework.request import Empty
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.views import APIView

from multistatus_app.handlers.paths import Place, ResourcePaths
from multistatus_app.handlers.probes import (
    ALL,
    BODY,
    Look,
    WatchedKwargs,
    watch_http,
)
from multistatus_app.handlers.reports import Reports
from multistatus_app.handlers.serializers import SerializerTemplates
from multistatus_app.handlers.states import OperationState, set_state
from multistatus_app.handlers.throttles import Throttles
from multistatus_app.handlers.users import RequestUser, own, rebuild
from multistatus_app.outcomes import ABSENT, Operation
from multistatus_app.overrides.origins import is_inherited
from multistatus_app.problems import Allowance
from multistatus_app.requests.bodies import get_length
from multistatus_app.requests.options import QUERY_OPTIONS

_JSON: Final = "application/json"
# Headers of the batch's own body, connection and response. A single request has others,
# or none.
_NOT_SINGLE: Final = (
    "CONTENT_LENGTH",
    "CONTENT_TYPE",
    "HTTP_ACCEPT",
    "HTTP_IDEMPOTENCY_KEY",
    "HTTP_IF_MATCH",
    "HTTP_IF_MODIFIED_SINCE",
    "HTTP_IF_NONE_MATCH",
    "HTTP_IF_RANGE",
    "HTTP_IF_UNMODIFIED_SINCE",
    "HTTP_PREFER",
    "HTTP_TRANSFER_ENCODING",
    "HTTP_X_HTTP_METHOD_OVERRIDE",
)
# Attributes in which Django and REST framework keep a body.
_OF_THE_BODY: Final = (
    "_body",
    "_files",
    "_post",
    "_post_parse_error",
    "_read_started",
    "_stream",
    "_upload_handlers",
    "accepted_types",
    "accepted_types_by_precedence",
    "headers",
)
_CONTAINERS: Final = (dict, list, set)
_MADE_ANEW: Final = frozenset({"GET", "META", "environ"})


class SingleRequests:
    """Makes the request of each operation of one bulk request.

    Attributes that code sets on one request are not seen by the next.
    """

    def __init__(self, view: Any, request: Any, http_state: dict[str, Any]) -> None:
        """Take what the operations share with the bulk request.

        `view` is that of our route. `http_state` has the attributes of the HttpRequest
        as middleware left them.
        """
        self.viewset = view.viewset
        self.bare = view.bare
        self.request = request
        self.original = request._request
        self.paths: ResourcePaths = view.paths
        self.offered: tuple[str, ...] = view.offered
        self.user = RequestUser(vars(request).get("_user"))
        self.throttles = Throttles()
        self.serializers = SerializerTemplates()
        self.reports = Reports()
        self.allowance = Allowance(get_length(self.original))
        self._auth = {
            name: vars(request)[name]
            for name in ("_auth", "_authenticator")
            if name in vars(request)
        }
        self._shares_user = _shares_user(view)
        self._template = _get_template(self.original, http_state)
        self._containers = [
            name
            for name, value in self._template.items()
            if type(value) in _CONTAINERS and name not in _MADE_ANEW
        ]

    def open(
        self, operation: Operation, place: Place, *, method: str | None = None
    ) -> tuple[Any, OperationState]:
        """Make the HttpRequest of an operation and the state it carries.

        `method` is another method for the same resource: GET, to learn an entity tag.
        """
        method = method or operation.method or ""
        is_read = method != operation.method
        body = b""
        if not is_read and operation.data is not ABSENT:
            body = _encode(operation.data)
        http = self._get_http_request(method, place, body)
        if not is_read and operation.if_match is not None:
            http.META["HTTP_IF_MATCH"] = operation.if_match
        state = OperationState(
            operation=operation,
            bare=self.bare,
            throttles=self.throttles,
            hand_over=self.hand_over,
            is_read=is_read,
        )
        state.serializers = self.serializers
        set_state(http, state)
        state.given = {**vars(http), "META": http.META.copy()}
        return http, state

    def hand_over(self, state: OperationState, request: Any) -> None:
        """Set the data and the user of a DRF request."""
        if request._full_data is Empty:
            absent = state.is_read or state.operation.data is ABSENT
            # A hook may change it. A replay, a retry and the response need the
            # original.
            data = {} if absent else own_copy(state.operation.data)
            request._data = request._full_data = data
            request._files = MultiValueDict()
        if (
            self._shares_user
            and "_user" not in vars(request)
            and not _is_touched(request._request, state.given)
        ):
            vars(request).update({k: own(each) for k, each in self._auth.items()})
            self.user.share(request)

    def get_view(self, operation: Operation, *, method: str | None = None) -> Any:
        """Make the view of an operation up to its request, without `dispatch()`.

        Raises:
            LookupError: there is no such route.
        """
        method = method or operation.method or ""
        route = self.paths.routes.get(method if method != "GET" else "PUT")
        if route is None:
            raise LookupError(f"{method} has no route.")
        place = self._get_place(operation, method)
        callback: Any = route.callback
        view = self.viewset(**callback.initkwargs)
        view.action_map = dict(route.actions)
        for name, action in view.action_map.items():
            setattr(view, name, getattr(view, action))
        http, state = self.open(operation, place, method=method)
        state.view = view
        view.args, view.kwargs = place.match.args, dict(place.match.kwargs)
        view.request = http
        view.request = view.initialize_request(http, *view.args, **view.kwargs)
        view.headers = view.default_response_headers
        view.format_kwarg = view.get_format_suffix(**view.kwargs)
        return view

    def get_bare_view(self, method: str, look: Look) -> Any:
        """Make the view of a request whose body is not read yet.

        `look` is called on access to the data, the key or the path.

        Raises:
            LookupError: there is no such route.
        """
        view = self.get_view(Operation(index=-1, method=method, data={}))
        request = view.request
        request._data = request._full_data = request._files = Empty
        request._load_data_and_files = look
        names = BODY if method == "POST" else ALL
        request._request = watch_http(request._request, look, names=names)
        if method != "POST":
            view.kwargs = WatchedKwargs(view.kwargs, self.paths.lookup_kwarg, look)
        return view

    def _get_place(self, operation: Operation, method: str) -> Place:
        """Return the place of an operation, or the list's for one without a key."""
        if method != "POST" and operation.key is not None:
            place = self.paths.get_detail(operation.key)
        else:
            place = self.paths.list
        if place is None:
            raise LookupError("The operation has no path.")
        return place

    def _get_http_request(self, method: str, place: Place, body: bytes) -> Any:
        cls: Any = type(self.original)
        http: Any = cls.__new__(cls)
        state = vars(http)
        state.update(self._template)
        for name in self._containers:
            state[name] = own_copy(state[name])
        http.method = method
        http.path = unquote(place.path)
        http.path_info = "/" + http.path.removeprefix(get_script_prefix())
        http.GET = _Query.share(self._template["GET"])
        http.META = self._template["META"] | {
            "REQUEST_METHOD": method,
            "PATH_INFO": http.path_info,
            "CONTENT_LENGTH": str(len(body)) if body else "",
        }
        if "environ" in state:  # in WSGI, Django's META is the environ
            http.environ = http.META
        http.resolver_match = place.match
        http._stream = BytesIO(body)
        http._read_started = False
        user = self._template.get("user")
        if isinstance(user, Model | AnonymousUser | LazyObject):
            # As middleware left it: lazy, and one for each request.
            http.user = SimpleLazyObject(lambda: rebuild(user))
        return http


def _get_template(http: Any, http_state: dict[str, Any]) -> dict[str, Any]:
    """Return the HttpRequest's attributes that single requests share."""
    state = {k: v for k, v in http_state.items() if k not in _OF_THE_BODY}
    query = http.GET.copy()
    for name in QUERY_OPTIONS:
        query.pop(name, None)
    kept = [
        each
        for each in http.META.get("QUERY_STRING", "").split("&")
        if unquote_plus(each.partition("=")[0]) not in QUERY_OPTIONS
    ]
    meta = {k: v for k, v in http.META.items() if k not in _NOT_SINGLE}
    meta["QUERY_STRING"] = "&".join(kept)
    meta["CONTENT_TYPE"] = state["content_type"] = _JSON
    state["content_params"] = {}
    meta["HTTP_ACCEPT"] = _get_accept(http.META.get("HTTP_ACCEPT", ""))
    return state | {"GET": query, "META": meta}


class _Query(QueryDict):
    """A query that copies its lists only when it is changed."""

    is_shared = False

    @classmethod
    def share(cls, query: QueryDict) -> Self:
        """Make a query from the lists of another."""
        made = cls(encoding=query.encoding)
        dict.update(made, dict.items(query))
        made.is_shared = True
        return made

    def _assert_mutable(self) -> None:
        super()._assert_mutable()  # type: ignore[misc]
        if self.is_shared:
            self.is_shared = False
            dict.update(self, [(name, each[:]) for name, each in dict.items(self)])


def _get_accept(accept: str) -> str:
    """Return an `Accept` for JSON that keeps parameters, such as a version."""
    for media_type in accept.split(","):
        _, semicolon, parameters = media_type.strip().partition(";")
        kept = [
            each.strip()
            for each in parameters.split(";")
            if each.strip() and not each.strip().startswith("q=")
        ]
        if semicolon and kept:
            return "; ".join([_JSON, *kept])
    return _JSON


def _shares_user(view: Any) -> bool:
    """Return True if single requests would authenticate as the bulk request did."""
    viewset = view.viewset
    own = [
        each.callback.initkwargs.get("authentication_classes", _UNSAID)
        for each in (view.paths.routes.list, view.paths.routes.detail)
        if each is not None
    ]
    ours = view.initkwargs.get("authentication_classes", _UNSAID)
    return (
        is_inherited(viewset, "get_authenticators", APIView.get_authenticators)
        and is_inherited(
            viewset, "perform_authentication", APIView.perform_authentication
        )
        and not isinstance(getattr(viewset, "authentication_classes", None), property)
        and all(each == ours for each in own)
    )


def _is_touched(http: Any, given: dict[str, Any]) -> bool:
    """Return True if attributes that may name the user have been changed."""
    return given["META"] != http.META or any(
        each is not given.get(name, _UNSAID)
        for name, each in vars(http).items()
        if name != "META" and name not in _OF_THE_BODY
    )


def _encode(data: Any) -> bytes:
    """Return data as the JSON body of a single request."""
    try:
        return json.dumps(data, cls=JSONEncoder).encode()
    except (TypeError, ValueError, RecursionError):
        return b"null"  # a parser of the project returned something else


def own_copy(data: Any) -> Any:
    """Copy objects and arrays deeply."""
    if type(data) is dict:
        return {name: own_copy(each) for name, each in data.items()}
    if type(data) is list:
        return [own_copy(each) for each in data]
    if type(data) is set:
        return set(data)
    return data


_UNSAID: Final = object()
