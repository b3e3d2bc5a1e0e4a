"""The HttpRequest that an operation would have come in as a single request."""

from __future__ import annotations

from io import BytesIO
from typing import Any, Final, Self
from urllib.parse import unquote, unquote_plus

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model
from django.http import QueryDict
from django.urls import get_script_prefix
from django.utils.functional import LazyObject, SimpleLazyObject

from multistatus_app.handlers.paths import Place
from multistatus_app.handlers.users import rebuild
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
_UNSAID: Final = object()


class RequestTemplate:
    """The parts of the bulk request from which each operation's request is made.

    Attributes that code sets on one request are not seen by the next.
    """

    def __init__(self, http: Any, http_state: dict[str, Any]) -> None:
        """`http_state` has the request's attributes as middleware left them."""
        self._class: Any = type(http)
        self._state = _get_shared(http, http_state)
        self._containers = [
            name
            for name, value in self._state.items()
            if type(value) in _CONTAINERS and name not in _MADE_ANEW
        ]

    def make(self, method: str, place: Place, body: bytes) -> Any:
        """Make the request of a method to a place."""
        http: Any = self._class.__new__(self._class)
        state = vars(http)
        state.update(self._state)
        for name in self._containers:
            state[name] = own_copy(state[name])
        http.method = method
        http.path = unquote(place.path)
        http.path_info = "/" + http.path.removeprefix(get_script_prefix())
        http.GET = _Query.share(self._state["GET"])
        http.META = self._state["META"] | {
            "REQUEST_METHOD": method,
            "PATH_INFO": http.path_info,
            "CONTENT_LENGTH": str(len(body)) if body else "",
        }
        if "environ" in state:  # in WSGI, Django's META is the environ
            http.environ = http.META
        http.resolver_match = place.match
        http._stream = BytesIO(body)
        http._read_started = False
        user = self._state.get("user")
        if isinstance(user, Model | AnonymousUser | LazyObject):
            # As middleware left it: lazy, and one for each request.
            http.user = SimpleLazyObject(lambda: rebuild(user))
        return http


def _get_shared(http: Any, http_state: dict[str, Any]) -> dict[str, Any]:
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


def is_touched(http: Any, given: dict[str, Any]) -> bool:
    """Return True if attributes that may name the user have been changed."""
    return given["META"] != http.META or any(
        each is not given.get(name, _UNSAID)
        for name, each in vars(http).items()
        if name != "META" and name not in _OF_THE_BODY
    )


def own_copy(data: Any) -> Any:
    """Copy objects and arrays deeply."""
    if type(data) is dict:
        return {name: own_copy(each) for name, each in data.items()}
    if type(data) is list:
        return [own_copy(each) for each in data]
    if type(data) is set:
        return set(data)
    return data
