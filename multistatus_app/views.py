"""The view of our routes, `bulk/` and `batch/`: one request, many operations.

Only authentication, versioning, the exception handler and the settings of the project's
viewset apply to the request as a whole. The rest of it runs for each operation, in the
view of its single route (`handlers`).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack, suppress
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, ClassVar, Final

from asgiref.sync import async_to_sync, sync_to_async
from django.db import connections, transaction
from django.http import Http404
from rest_framework import exceptions
from rest_framework.exceptions import APIException
from rest_framework.response import Response
from rest_framework.views import APIView

from multistatus_app.databases.aliases import get_atomic_databases
from multistatus_app.formats import dav
from multistatus_app.formats.negotiation import (
    BulkContentNegotiation,
    get_bulk_parsers,
    get_bulk_renderers,
)
from multistatus_app.handlers import Batch
from multistatus_app.handlers.paths import ResourcePaths
from multistatus_app.handlers.permissions import (
    REFUSALS,
    asks_permissions_first,
    check_any_method,
)
from multistatus_app.outcomes import MultiStatus, Operation
from multistatus_app.overrides.origins import is_inherited
from multistatus_app.problems import to_pointer
from multistatus_app.requests import bodies
from multistatus_app.requests.batch import read_batch
from multistatus_app.requests.bulk import read_bulk
from multistatus_app.requests.elements import check_path
from multistatus_app.requests.endpoints import get_key_name
from multistatus_app.requests.options import Options
from multistatus_app.responses import (
    MultiStatusResponse,
    describe_refusal,
    set_headers,
)
from multistatus_app.settings import get_bulk_limit, get_setting
from multistatus_app.signals import send_processed
from multistatus_app.strategies import Execution
from multistatus_app.throttling import OperationsThrottleMixin

if TYPE_CHECKING:
    from rest_framework.parsers import BaseParser
    from rest_framework.renderers import BaseRenderer
    from rest_framework.request import Request

# Arguments of `as_view()` for our route, not for the viewset.
_OF_THE_ROUTE: Final = frozenset({"name", "description", "suffix", "detail"})


# The types of marks that middleware may look for; a queryset is none.
_MARKS: Final = (str, int, float, list, tuple, dict, set, frozenset)


class _RouteSchema:
    """The schema class of our routes, if it is drf-spectacular's.

    Other generators would take them for single endpoints, so the routes are left out.
    """

    def __get__(self, instance: Any, owner: Any) -> Any:
        schema = owner.viewset.schema
        known = any(
            each.__module__.startswith("drf_spectacular.")
            for each in type(schema).__mro__
        )
        return schema if known else None


class _BulkViewType(type):
    """The type of our views, which have the viewset's plain attributes, too."""

    def __getattr__(cls, name: str) -> Any:
        """Return a viewset's attribute, as middleware reads it from a view's class."""
        viewset = None if name.startswith("_") else vars(cls).get("viewset")
        mark = getattr(viewset, name, None)
        if not isinstance(mark, _MARKS):
            raise AttributeError(f"{cls.__name__} has no attribute {name!r}")
        return mark


class BulkView(APIView, metaclass=_BulkViewType):
    """Answers one of the routes of a viewset. Made by the viewset's `as_view()`."""

    viewset: ClassVar[Any]
    """The project's viewset class."""
    bulk_kind: ClassVar[str]
    """`bulk` or `batch`."""
    actions: ClassVar[Mapping[str, str]]
    """The methods that the router maps here."""
    initkwargs: ClassVar[Mapping[str, Any]]
    """The arguments of the viewset's `as_view()`."""
    schema = _RouteSchema()
    swagger_schema = None  # drf-yasg leaves such a view out
    name: str | None = None
    description: str | None = None
    suffix: str | None = None

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Answer a request.

        Attributes set by middleware are kept for the operations.
        """
        self._http_state = dict(vars(request))
        return super().dispatch(request, *args, **kwargs)

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Make a bare instance of the viewset, as its attributes may be properties."""
        super().setup(request, *args, **kwargs)
        self.bare = self.make_bare()
        # Throttles that charge all operations read these attributes.
        self.action, self.basename = None, self.initkwargs.get("basename")
        self.throttle_scope: Any = None
        with suppress(Exception):  # it has none, or needs an action
            self.throttle_scope = self.bare.throttle_scope

    def make_bare(self) -> Any:
        """Return an instance of the viewset that runs no operation."""
        own = {k: v for k, v in self.initkwargs.items() if k not in _OF_THE_ROUTE}
        bare = self.viewset(**own)
        bare.request = getattr(self, "request", None)
        bare.args, bare.kwargs = getattr(self, "args", ()), getattr(self, "kwargs", {})
        bare.action, bare.action_map, bare.format_kwarg = None, {}, None
        return bare

    # The methods of the route

    @functools.cached_property
    def paths(self) -> ResourcePaths:
        """The paths of the resources beside this route."""
        suffix = self.settings.FORMAT_SUFFIX_KWARG
        kwargs = {name: each for name, each in self.kwargs.items() if name != suffix}
        return ResourcePaths(self, self.request, kwargs)

    @functools.cached_property
    def offered(self) -> tuple[str, ...]:
        """The methods that the single routes answer."""
        return self.paths.routes.offered

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

    @functools.cached_property
    def batch(self) -> Batch:
        """What the operations share."""
        return Batch(self, self.request, self._http_state)

    # Parts of the viewset that apply to the whole request

    def get_authenticators(self) -> list[Any]:
        """Return the viewset's authenticators."""
        bare = self.bare
        if is_inherited(self.viewset, "get_authenticators", APIView.get_authenticators):
            return [each() for each in bare.authentication_classes]
        try:
            return list(bare.get_authenticators())
        except Exception:  # it needs an action: each operation has its own
            return [each() for each in bare.authentication_classes]

    def perform_authentication(self, request: Request) -> None:
        """Authenticate, unless the viewset does so later."""
        stock = APIView.perform_authentication
        if not is_inherited(self.viewset, "perform_authentication", stock):
            return
        with ExitStack() as transactions:
            # As in a single request. The operations' transactions come later.
            for alias in get_atomic_databases():
                transactions.enter_context(transaction.atomic(using=alias))
            super().perform_authentication(request)

    def determine_version(
        self, request: Request, *args: Any, **kwargs: Any
    ) -> tuple[Any, Any]:
        self.bare.request = request
        version: tuple[Any, Any]
        try:
            version = self.bare.determine_version(request, *args, **kwargs)
        except (APIException, Http404):
            raise
        except Exception:  # it needs an action: each operation has its own
            version = None, None
        return version

    def get_exception_handler(self) -> Any:
        """Return the project's exception handler."""
        try:
            return self.bare.get_exception_handler()
        except Exception:  # it needs an action: each operation has its own
            return super().get_exception_handler()

    def get_exception_handler_context(self) -> Any:
        """Pass the viewset to the handler as its view."""
        return super().get_exception_handler_context() | {"view": self.bare}

    def get_renderers(self) -> list[BaseRenderer]:
        """Return the renderers that can represent a MultiStatus."""
        return get_bulk_renderers(_ask(self.bare, "get_renderers", "renderer_classes"))

    def get_parsers(self) -> list[BaseParser]:
        """Return the parsers of JSON, XML and other documents."""
        return get_bulk_parsers(_ask(self.bare, "get_parsers", "parser_classes"))

    def get_content_negotiator(self) -> BulkContentNegotiation:
        """Return our negotiation, which defaults to the format of the request."""
        return BulkContentNegotiation()

    def get_throttles(self) -> list[Any]:
        """Return the throttles that charge all operations. Others charge one by one."""
        throttles = _ask(self.bare, "get_throttles", "throttle_classes")
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

    def get_single_view(self, method: str) -> Any:
        """Make the view of a single request with a method, without `dispatch()`.

        Raises:
            LookupError: there is no such route.
            Exception: whatever the viewset raises.
        """
        return self.batch.get_view(Operation(index=-1, method=method, data={}))

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
        asked = vars(self).get("_asked")
        if asked is None:
            try:
                asked = self._parse()
            except APIException as exc:
                asked = exc
            self._asked = asked
        if isinstance(asked, APIException):
            raise asked
        return asked

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
        return dav.refuse_foreign(asked, self._get_field_names)

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
        http = self.batch.http
        send_processed(self.viewset, request=http, document=document)
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


def _ask(bare: Any, hook: str, attribute: str) -> list[Any]:
    """Call a hook of the viewset. If it needs an operation, use the attribute."""
    try:
        return list(getattr(bare, hook)())
    except Exception:
        return [each() for each in getattr(bare, attribute)]
