"""The view of our routes, `bulk/` and `batch/`: one request, many operations.

What applies to the request as a whole is asked of the viewset (`handlers.views`). The
rest of it runs for each operation, in the view of its single route (`handlers`).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, ClassVar

from asgiref.sync import async_to_sync, sync_to_async
from django.db import connections, transaction
from rest_framework import exceptions
from rest_framework.exceptions import APIException
from rest_framework.response import Response

from multistatus_app.formats.dav.foreign import refuse_foreign
from multistatus_app.formats.negotiation import (
    BulkContentNegotiation,
    get_bulk_parsers,
    get_bulk_renderers,
)
from multistatus_app.handlers.permissions import (
    REFUSALS,
    asks_permissions_first,
    check_any_method,
)
from multistatus_app.handlers.views import RouteView
from multistatus_app.outcomes import MultiStatus, Operation
from multistatus_app.problems import to_pointer
from multistatus_app.requests import bodies
from multistatus_app.requests.batch import read_batch
from multistatus_app.requests.bulk import read_bulk
from multistatus_app.requests.elements import check_path
from multistatus_app.requests.endpoints import get_key_name
from multistatus_app.requests.options import Options
from multistatus_app.responses import MultiStatusResponse, describe_refusal, set_headers
from multistatus_app.settings import get_bulk_limit, get_setting
from multistatus_app.signals import send_processed
from multistatus_app.strategies import Execution
from multistatus_app.throttling import OperationsThrottleMixin

if TYPE_CHECKING:
    from rest_framework.parsers import BaseParser
    from rest_framework.renderers import BaseRenderer
    from rest_framework.request import Request


class BulkView(RouteView):
    """Answers one of the routes of a viewset. Made by the viewset's `as_view()`."""

    bulk_kind: ClassVar[str]
    """`bulk` or `batch`."""
    actions: ClassVar[Mapping[str, str]]
    """The methods that the router maps here."""
    swagger_schema = None  # drf-yasg leaves such a view out
    name: str | None = None
    description: str | None = None
    suffix: str | None = None

    # The methods of the route

    @property
    def allowed_methods(self) -> list[str]:
        """The methods that the route answers, as in `Allow`."""
        offered = self.offered
        if self.bulk_kind == "batch":
            offered = ("POST",) if offered else ()
        mapped = {each.upper() for each in self.actions}
        return [*(each for each in offered if each in mapped), "OPTIONS"]

    def takes(self, request: Request) -> bool:
        """Return True if requests with this method are run."""
        return request.method in self.allowed_methods and request.method != "OPTIONS"

    # Negotiation, and refusals before the body is read

    def get_renderers(self) -> list[BaseRenderer]:
        """Return the renderers that can represent a MultiStatus."""
        return get_bulk_renderers(self.ask("get_renderers", "renderer_classes"))

    def get_parsers(self) -> list[BaseParser]:
        """Return the parsers of JSON, XML and other documents."""
        return get_bulk_parsers(self.ask("get_parsers", "parser_classes"))

    def get_content_negotiator(self) -> BulkContentNegotiation:
        """Return our negotiation, which defaults to the format of the request."""
        return BulkContentNegotiation()

    def get_throttles(self) -> list[Any]:
        """Return the throttles that charge all operations. Others charge one by one."""
        throttles = self.ask("get_throttles", "throttle_classes")
        return [each for each in throttles if isinstance(each, OperationsThrottleMixin)]

    def check_permissions(self, request: Request) -> None:
        """Refuse a user whom the permissions of every offered method refuse.

        They are not checked if code of the project runs before them in a single
        request: it may log the user in, or set attributes that permissions read.

        Raises:
            APIException: the refusal of the first method.
        """
        if asks_permissions_first(self.viewset, self.paths.routes):
            self.check_methods(self.get_asked_methods(request))

    def get_asked_methods(self, request: Request) -> Sequence[str]:
        """Return the methods of operations that a request may hold."""
        if self.bulk_kind == "bulk" and request.method in self.offered:
            return (str(request.method),)
        return self.offered

    def check_methods(self, methods: Sequence[str]) -> None:
        """Refuse a user whom all of these methods refuse, asked without a body.

        Raises:
            APIException: the refusal of the first.
        """
        check_any_method(self.batch, methods)

    # The request

    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Run the operations of the request."""
        if not self.takes(request):
            raise exceptions.MethodNotAllowed(str(request.method))
        options = Options.read(request)
        asked = self._read()
        document = self._run(asked, options)
        response = MultiStatusResponse(document)
        if options.preference is not None:
            response["Preference-Applied"] = f"return={options.preference}"
        return response

    put = patch = delete = post

    def count_operations(self, request: Request) -> int:
        """Return the number of operations in a request.

        Raises:
            APIException: the body is none that the route takes.
        """
        return len(self._read())

    def _read(self) -> list[Operation]:
        """Return the operations, read once for throttles and the view."""
        if isinstance(self._asked, APIException):
            raise self._asked
        return self._asked

    @functools.cached_property
    def _asked(self) -> list[Operation] | APIException:
        try:
            return self._parse()
        except APIException as exc:
            return exc

    def _parse(self) -> list[Operation]:
        document = bodies.read(self.request)
        limits = {
            "limit": get_bulk_limit(self.bare),
            "max_depth": get_setting("MAX_DEPTH"),
        }
        if self.bulk_kind == "batch":
            asked = read_batch(document, **limits)
        else:
            asked = read_bulk(
                document,
                method=str(self.request.method),
                key_name=get_key_name(self.bare),
                to_pointer=self._get_pointer,
                **limits,
            )
        check_path(self.request.path, len(asked))
        return refuse_foreign(asked, self._get_field_names)

    def _get_pointer(self, path: tuple[str | int, ...]) -> str:
        """Return a pointer in the client's names, or in ours if they are not known."""
        try:
            pointer: str = self.bare.get_bulk_pointer(path)
        except Exception:
            return to_pointer(path)
        return pointer

    def _get_field_names(self, method: str) -> Collection[str]:
        """Return the names of the fields that the serializer of a method has."""
        try:
            return list(self.get_single_view(method).get_serializer().fields)
        except Exception:  # it needs an operation: foreign elements are ignored
            return ()

    def _run(self, asked: list[Operation], options: Options) -> MultiStatus:
        run: Any = Execution(self, asked, options).run
        routes = self.paths.routes
        if any(
            route is not None and iscoroutinefunction(route.callback)
            for route in (routes.list, routes.detail)
        ):
            # One event loop for the request. Synchronous code stays in this thread.
            run = async_to_sync(sync_to_async(run, thread_sensitive=True))
        document: MultiStatus
        document, refusals = run()
        if len(refusals) == len(asked) and all(
            isinstance(each, REFUSALS) for each in refusals.values()
        ):
            raise refusals[0]
        send_processed(self.viewset, request=self.batch.http, document=document)
        if options.only_failures:
            document = document.only_failures()
        return document.without_data() if options.minimal else document

    # The response

    def handle_exception(self, exc: Exception) -> Response:
        """Answer a refusal. XML is written from the exception, not from `.data`."""
        response = super().handle_exception(exc)
        describe_refusal(response, exc)
        bodies.discard_after(response, self.request)
        return response

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Finish the response with the headers of our routes."""
        response = super().finalize_response(request, response, *args, **kwargs)
        set_headers(response)
        return response

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Describe the route with the formats that it supports."""
        # Instances have the same media types as classes.
        vars(self)["renderer_classes"] = self.get_renderers()
        vars(self)["parser_classes"] = self.get_parsers()
        return super().options(request, *args, **kwargs)


def make_bulk_view(
    viewset: Any, kind: str, actions: Mapping[str, str], initkwargs: dict[str, Any]
) -> Callable[..., Any]:
    """Return the view function of one of our routes.

    The view opens its transactions itself. So it commits before the response is
    written, with ATOMIC_REQUESTS or without, and a failed commit is a 503.
    """
    cls: Any = type(
        viewset.__name__,
        (BulkView,),
        {
            "__doc__": getattr(viewset, kind).__doc__,
            "__module__": viewset.__module__,
            "viewset": viewset,
            "bulk_kind": kind,
            "actions": dict(actions),
            "initkwargs": dict(initkwargs),
            "http_method_names": [*actions, "options"],
            "settings": viewset.settings,
            "name": initkwargs.get("name", kind.title()),
            "description": initkwargs.get("description"),
        },
    )
    view: Any = cls.as_view()
    view.actions, view.initkwargs = dict(actions), initkwargs
    for alias in connections.settings:
        view = transaction.non_atomic_requests(using=alias)(view)
    made: Callable[..., Any] = view
    return made
