"""What the operations of one request share, and the view of each operation."""

from __future__ import annotations

import json
from typing import Any, Final

from django.http import Http404
from django.utils.datastructures import MultiValueDict
from rest_framework.request import Empty
from rest_framework.utils.encoders import JSONEncoder

from multistatus_app.handlers.paths import Place, ResourcePaths
from multistatus_app.handlers.probes import ALL, BODY, Look, WatchedKwargs, watch_http
from multistatus_app.handlers.reports import Reports
from multistatus_app.handlers.requests import RequestTemplate, is_touched, own_copy
from multistatus_app.handlers.serializers import SerializerTemplates
from multistatus_app.handlers.states import OperationState, set_state
from multistatus_app.handlers.throttles import Throttles
from multistatus_app.handlers.users import RequestUser, own
from multistatus_app.outcomes import ABSENT, Operation
from multistatus_app.overrides.origins import is_inherited
from multistatus_app.problems import Allowance
from multistatus_app.requests.bodies import get_length

_UNSAID: Final = object()


class Batch:
    """What the operations of one request share. It makes their requests and views."""

    def __init__(self, view: Any, request: Any, http_state: dict[str, Any]) -> None:
        """`view` is that of our route, `request` DRF's.

        `http_state` has the attributes of the HttpRequest as middleware left them.
        """
        self.viewset = view.viewset
        self.bare = view.bare
        self.http = request._request
        self.paths: ResourcePaths = view.paths
        self.offered: tuple[str, ...] = view.offered
        self.user = RequestUser(vars(request).get("_user"))
        self.throttles = Throttles()
        self.serializers = SerializerTemplates()
        self.reports = Reports()
        self.allowance = Allowance(get_length(self.http))
        self._auth = {
            name: vars(request)[name]
            for name in ("_auth", "_authenticator")
            if name in vars(request)
        }
        self._shares_user = _shares_user(view)
        self._requests = RequestTemplate(self.http, http_state)

    def get_place(self, operation: Operation) -> Place:
        """Return the place that the single request of an operation would go to.

        Raises:
            Http404: nowhere.
        """
        if operation.method == "POST":
            what, place = "collection", self.paths.list
        else:
            what, place = "resource", self.paths.get_detail(operation.key or "")
        if place is None:
            key = "" if operation.key is None else f" has the key {operation.key!r}"
            raise Http404(f"No {what}{key or ' is here'}.")
        return place

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
        http = self._requests.make(method, place, body)
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
            and not is_touched(request._request, state.given)
        ):
            vars(request).update({k: own(each) for k, each in self._auth.items()})
            self.user.share(request)

    def get_view(self, operation: Operation, *, method: str | None = None) -> Any:
        """Make the view of an operation up to its request, without `dispatch()`.

        Raises:
            LookupError: there is no such route.
        """
        method = method or operation.method or ""
        route = self.paths.get_route(method if method != "GET" else "PUT")
        if route is None:
            raise LookupError(f"{method} has no route.")
        if method != "POST" and operation.key is not None:
            place = self.paths.get_detail(operation.key)
        else:
            place = self.paths.list
        if place is None:
            raise LookupError("The operation has no path.")
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
        is_inherited(viewset, "get_authenticators")
        and is_inherited(viewset, "perform_authentication")
        and not isinstance(getattr(viewset, "authentication_classes", None), property)
        and all(each == ours for each in own)
    )


def _encode(data: Any) -> bytes:
    """Return data as the JSON body of a single request."""
    try:
        return json.dumps(data, cls=JSONEncoder).encode()
    except (TypeError, ValueError, RecursionError):
        return b"null"  # a parser of the project returned something else
