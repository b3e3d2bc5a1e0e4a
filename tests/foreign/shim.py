"""Runs somebody else's tests against our mixin: a pytest plugin (see the README).

`--foreign=mixin` gives the mixin to every viewset, and `unlisted` hides its two routes
from routers. `batch` also sends each single write as a batch: between two operations
that fail, and its result made a single response again, so that whatever a suite asserts
of its writes is asserted of ours. `generics` does so with generic views, too.
"""

from __future__ import annotations

import functools
import json
import re
import sys
import uuid
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from io import BytesIO
from itertools import count
from types import ModuleType
from typing import Any, Final
from urllib.parse import unquote, urlencode

import pytest
from django.apps.registry import Apps, apps
from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.core.signals import got_request_exception
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.http import HttpRequest, RawPostDataException
from django.http.response import HttpResponseBase
from django.test import TransactionTestCase
from django.test.utils import CaptureQueriesContext
from django.urls import (
    NoReverseMatch,
    Resolver404,
    ResolverMatch,
    URLPattern,
    get_resolver,
    get_script_prefix,
    get_urlconf,
    path,
    re_path,
    resolve,
    reverse,
    set_urlconf,
)
from django.utils.decorators import classonlymethod
from django.utils.functional import cached_property

_TAG: Final = re.compile(r'\*|(?:W/)?"[^"]*"')

View = Any
"""A view function, with REST framework's notes: `cls`, `actions`, `initkwargs`."""

MODES: Final = ("mixin", "unlisted", "batch", "generics")
WRITES: Final = ("POST", "PUT", "PATCH", "DELETE")
VIEWSETS: Final = "rest_framework.viewsets"
MIXINS: Final = "multistatus_app.mixins"

OURS: Final = ("bulk", "batch")

NO_SUCH_KEY: Final = f"no-such-key-{uuid.uuid4().hex}"
"""The key of a target that fails, because nothing has it."""

GENERIC_ACTIONS: Final = {
    "POST": "create",
    "PUT": "update",
    "PATCH": "partial_update",
    "DELETE": "destroy",
}
"""What the handlers of REST framework's generic views call."""

MALFORMED: Final = {"method": "POST", "data": "no object"}
"""An operation that fails before any code of the viewset's is run."""

counts: Final[Counter[str]] = Counter()
"""How many writes were sent as a batch, and how many were not, by reason."""

_is_inside: ContextVar[bool] = ContextVar("_is_inside", default=False)


class NotSent(Exception):
    """A write that is left a single request, with the reason."""


# The plugin


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--foreign`."""
    parser.addoption("--foreign", choices=MODES, help="run foreign tests on the mixin")


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config,
) -> Generator[None, object, object]:
    """Begin before any conftest, and pytest-django, set Django up."""
    mode = early_config.known_args_namespace.foreign
    if mode is not None:
        install(mode)
    return (yield)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was sent: a suite that has sent nothing has shown nothing."""
    for what, number in counts.most_common():
        terminalreporter.write_line(f"foreign: {number} {what}")


def install(mode: str) -> None:
    """Give the mixin to REST framework's viewsets, before a test imports them."""
    give = functools.partial(give_mixin, mode)
    _add_app("multistatus_app")
    if VIEWSETS in sys.modules:
        give()
    else:
        # Whichever comes first imports the other.
        sys.meta_path[:0] = [_AfterImport(VIEWSETS, give), _AfterImport(MIXINS, give)]
    if mode in ("batch", "generics"):
        _patch_url_patterns()
        _patch_handler()
        _count_no_queries()


def give_mixin(mode: str) -> None:
    """Replace the generic viewsets of REST framework by ones that have the mixin."""
    module, ours = import_module(VIEWSETS), import_module(MIXINS)
    generic, mixin = module.GenericViewSet, getattr(ours, "BulkModelMixin", None)
    if mixin is None or mixin in generic.__bases__:
        return  # it is being imported, or all is done
    for name, viewset in list(vars(module).items()):
        if isinstance(viewset, type) and issubclass(viewset, generic):
            members = {"__module__": module.__name__, "__doc__": viewset.__doc__}
            cls: Any = type(name, (mixin, viewset), members)
            if mode == "unlisted":
                cls.get_extra_actions = _get_unlisting(cls)
            elif mode != "mixin":
                cls.as_view = _get_sending_as_view(cls)
            setattr(module, name, cls)
    if mode == "generics":
        _patch_generic_views()


def _get_unlisting(cls: Any) -> Any:
    def get_extra_actions(viewset: Any) -> list[Any]:
        actions = super(cls, viewset).get_extra_actions()
        return [each for each in actions if each.__name__ not in OURS]

    return classmethod(get_extra_actions)


class _AfterImport(MetaPathFinder):
    """Calls a function when a module has been imported."""

    def __init__(self, name: str, call: Callable[[], None]) -> None:
        """Wait for this module."""
        self.name = name
        self.call = call

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Find the module as it is found without us, once."""
        if fullname != self.name:
            return None
        sys.meta_path.remove(self)
        spec = find_spec(fullname)
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            self.call()

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def _count_no_queries() -> None:
    """Have tests not count the queries of what they run: a batch has savepoints."""

    def run(
        self: Any, num: int, func: Any = None, *args: Any, **kwargs: Any
    ) -> CaptureQueriesContext | None:
        using = kwargs.pop("using", DEFAULT_DB_ALIAS)
        if func is None:
            return CaptureQueriesContext(connections[using])
        func(*args, **kwargs)
        return None

    TransactionTestCase.assertNumQueries = run  # type: ignore[assignment,method-assign]


def _add_app(name: str) -> None:
    populate = Apps.populate

    @functools.wraps(populate)
    def populate_with_it(self: Apps, installed_apps: Any = None) -> None:
        # Not of the registries that migrations make.
        if self is apps and installed_apps and name not in installed_apps:
            installed_apps = type(installed_apps)([*installed_apps, name])
            settings.INSTALLED_APPS = installed_apps
        populate(self, installed_apps)

    Apps.populate = populate_with_it  # type: ignore[method-assign]


# Where a single write is caught


def _get_sending_as_view(cls: Any) -> Any:
    def as_view(viewset: Any, /, actions: Any = None, **initkwargs: Any) -> View:
        return _catch_direct(super(cls, viewset).as_view(actions, **initkwargs))

    return classonlymethod(as_view)


def _catch_direct(view: View) -> View:
    """Return a view that sends a write as a batch if a test calls it by itself.

    What is routed is caught where it is resolved; a URLconf has the view as it was.
    """

    @functools.wraps(view)
    def called(request: Any, *args: Any, **kwargs: Any) -> Any:
        if getattr(request, "resolver_match", None) is None:
            sent = _catch(view, request, args, kwargs)
            if sent is not None:
                return sent.send()
        return view(request, *args, **kwargs)

    called.plain_view = view  # type: ignore[attr-defined]
    return called


def _patch_generic_views() -> None:
    from rest_framework.generics import GenericAPIView

    @classmethod  # type: ignore[misc]
    def as_view(cls: Any, **initkwargs: Any) -> View:
        view = super(GenericAPIView, cls).as_view(**initkwargs)
        view.is_generic = True
        return _catch_direct(view)

    GenericAPIView.as_view = as_view  # type: ignore[assignment,method-assign]


@functools.cache
def _get_viewset_of(view_class: type) -> Any:
    """Return a viewset that has all of a generic view, and the mixin."""
    from rest_framework.viewsets import GenericViewSet

    members = {"__module__": view_class.__module__, "__doc__": view_class.__doc__}
    return type(view_class.__name__, (GenericViewSet, view_class), members)


def _get_as_viewset(view: Any) -> View | None:
    """Return the view of a viewset in place of a generic one, or None.

    With the actions that REST framework's own handlers call: what a handler of the
    project's does, no action says.
    """
    from rest_framework import generics

    if not getattr(view, "is_generic", False):
        return None
    actions = {
        method.lower(): action
        for method, action in GENERIC_ACTIONS.items()
        if (handler := getattr(view.cls, method.lower(), None)) is not None
        and handler.__module__ == generics.__name__
    }
    if not actions:
        return None
    made: View = _get_viewset_of(view.cls).as_view(actions, **view.initkwargs)
    return getattr(made, "plain_view", made)


def _patch_url_patterns() -> None:
    init = URLPattern.__init__

    @functools.wraps(init)
    def init_plainly(
        self: URLPattern, pattern: Any, callback: Any, *args: Any, **kwargs: Any
    ) -> None:
        plain = getattr(callback, "plain_view", callback)
        init(self, pattern, plain, *args, **kwargs)

    URLPattern.__init__ = init_plainly  # type: ignore[method-assign]


def _patch_handler() -> None:
    resolve_request = BaseHandler.resolve_request

    @functools.wraps(resolve_request)
    def resolve_to_batch(self: BaseHandler, request: HttpRequest) -> Any:
        view, args, kwargs = resolve_request(self, request)
        sent = _catch(view, request, args, kwargs)
        if sent is None:
            return view, args, kwargs

        # As the view of the batch, it opens its transaction itself, or does not.
        @functools.wraps(sent.route.view)
        def called(*args: Any, **kwargs: Any) -> HttpResponseBase:
            return sent.send()

        return called, args, kwargs

    BaseHandler.resolve_request = resolve_to_batch  # type: ignore[method-assign]


def _catch(
    view: View, request: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> SingleWrite | None:
    """Return the write that a request to a list or detail route is, or None."""
    from multistatus_app.mixins import BulkModelMixin

    viewset = getattr(view, "cls", None)
    if _is_inside.get() or request.method not in WRITES or viewset is None:
        return None
    if not issubclass(viewset, BulkModelMixin):
        generic = _get_as_viewset(view)
        if generic is None:
            return None
        view, viewset = generic, generic.cls
    if any(_is_extra(viewset, action) for action in view.actions.values()):
        return None
    try:
        write = SingleWrite.read(view, request, args, kwargs)
    except NotSent as reason:
        counts[f"left single: {reason}"] += 1
        return None
    counts["sent as a batch"] += 1
    return write


def _is_extra(viewset: type, action: str) -> bool:
    return hasattr(getattr(viewset, action, None), "mapping")


# A single write as a batch, and back


@dataclass(frozen=True, kw_only=True)
class SingleWrite:
    """A single write, and what is needed to send it as a batch."""

    view: View
    """The view function that it was meant for."""
    request: WSGIRequest
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    operation: dict[str, Any]
    """What it asks for, as an operation."""
    route: BatchRoute

    @classmethod
    def read(
        cls, view: Any, request: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> SingleWrite:
        """Read a request to a view.

        Raises:
            NotSent: the single endpoint takes something that a batch does not.
        """
        if not isinstance(request, WSGIRequest):
            raise NotSent("a request of another kind")
        if args:
            raise NotSent("positional arguments in the URL")
        name = view.cls.lookup_url_kwarg or view.cls.lookup_field
        operation: dict[str, Any] = {"method": request.method}
        if request.method == "POST":
            if name in kwargs:
                raise NotSent("a POST to one resource")
        elif name not in kwargs:
            raise NotSent("no key in the URL")
        else:
            operation["key"] = str(kwargs[name])
        if_match = request.META.get("HTTP_IF_MATCH")
        if if_match is not None:
            # The route itself refuses it: a batch has no tag of its own.
            if request.method == "POST" or not _TAG.fullmatch(if_match):
                raise NotSent("an If-Match that is not an entity tag")
            operation["if_match"] = if_match
        data = _read_data(request)
        if data or request.method != "DELETE":
            operation["data"] = data
        route = BatchRoute.find(view, request, kwargs, name)
        self = cls(
            view=view,
            request=request,
            args=args,
            kwargs=kwargs,
            operation=operation,
            route=route,
        )
        self._create_single_view()  # what it refuses is left to the single endpoint
        return self

    def send(self) -> HttpResponseBase:
        """Send it between two operations that fail; return a single response.

        Raises:
            Exception: what the operation raised that nobody expected, as singly.
            AssertionError: the answer is none to these operations.
        """
        operations = [self._get_failing(), self.operation, MALFORMED]
        token = _is_inside.set(True)
        try:
            with _catch_unexpected() as unexpected, self.route.use_urlconf():
                response = self.route.call(self.request, {"operations": operations})
                if hasattr(response, "render"):
                    response.render()
        finally:
            _is_inside.reset(token)
        if response.status_code != 207:
            return self._pass_on(response)
        result = _get_result(json.loads(response.content), len(operations), 1)
        if result["status"] == 500 and unexpected:
            raise unexpected[-1]
        return self._answer(result | _get_native_data(response, result, 1))

    def _get_failing(self) -> dict[str, Any]:
        """Return an operation that comes as far in the viewset as one may that fails.

        A `destroy()` of the project's own may find something, whatever the key.
        """
        from rest_framework.generics import GenericAPIView
        from rest_framework.mixins import DestroyModelMixin

        viewset = self.view.cls
        is_stock = (
            _get_definer(viewset, "destroy") in (DestroyModelMixin, None)
            and _get_definer(viewset, "get_object") is GenericAPIView
        )
        return {"method": "DELETE", "key": NO_SUCH_KEY} if is_stock else MALFORMED

    def _create_single_view(self) -> Any:
        """Return an instance of the viewset as it is when the action begins."""
        from rest_framework.exceptions import APIException

        view = self.view.cls(**self.view.initkwargs)
        view.action_map = self.view.actions
        view.request, view.args, view.kwargs = self.request, self.args, self.kwargs
        try:
            for method, action in view.action_map.items():
                setattr(view, method, getattr(view, action))
            request = view.initialize_request(self.request, *self.args, **self.kwargs)
            view.request = request
            view.headers = view.default_response_headers
            view.format_kwarg = view.get_format_suffix(**self.kwargs)
            chosen = view.perform_content_negotiation(request)
            request.accepted_renderer, request.accepted_media_type = chosen
            versioning = view.determine_version(request, *self.args, **self.kwargs)
            request.version, request.versioning_scheme = versioning
        except (APIException, AttributeError) as exc:
            raise NotSent(f"{type(exc).__name__} before the action") from exc
        return view

    def _answer(self, result: Mapping[str, Any]) -> HttpResponseBase:
        """Return the single response that a result stands for."""
        from rest_framework.response import Response
        from rest_framework.settings import api_settings

        view = self._create_single_view()
        status, data = result["status"], result.get("data")
        if "error" in result:
            exc = _get_exception(result, self.operation.get("data"))
            response = self._handle(view, exc)
            response.status_code = status
        else:
            response = Response(data, status=status)
            location = isinstance(data, dict) and data.get(api_settings.URL_FIELD_NAME)
            if status == 201 and location:
                response["Location"] = str(location)
        return self._finalize(view, response)

    def _handle(self, view: Any, exc: Exception) -> Any:
        """Return the response of a view to an exception.

        With ATOMIC_REQUESTS it has the transaction rolled back: here, one of its own.
        """
        from rest_framework.views import APIView

        with ExitStack() as stack:
            for each in connections.all():
                if each.settings_dict["ATOMIC_REQUESTS"]:
                    stack.enter_context(transaction.atomic(using=each.alias))
            try:
                return view.handle_exception(exc)
            except AttributeError:
                # The viewset's own asks for what `initial()` has left, in the batch.
                return APIView.handle_exception(view, exc)

    def _pass_on(self, refusal: HttpResponseBase) -> HttpResponseBase:
        """Return the refusal of the whole request as the single write's."""
        from rest_framework.response import Response

        if not isinstance(refusal, Response):
            return refusal
        response = Response(refusal.data, status=refusal.status_code)
        response.exception = refusal.exception
        for name in ("WWW-Authenticate", "Retry-After", "Allow"):
            if name in refusal:
                response[name] = refusal[name]
        return self._finalize(self._create_single_view(), response)

    def _finalize(self, view: Any, response: Any) -> HttpResponseBase:
        """Finish it as REST framework does; what the project adds, it has added."""
        from rest_framework.views import APIView

        return APIView.finalize_response(
            view, view.request, response, *self.args, **self.kwargs
        )


@dataclass(frozen=True, kw_only=True)
class BatchRoute:
    """The `batch/` route of a viewset: the project's own, or one that is made for it.

    Tests call views that no URLconf has, or one that has no router. They get one with
    three routes at the path of the request: of the view, and of the batch beside it.
    """

    view: View
    path: str
    urlconf: Any = None
    """The one that was made for it."""

    @classmethod
    def find(
        cls, view: Any, request: WSGIRequest, kwargs: dict[str, Any], key_name: str
    ) -> BatchRoute:
        """Return the route beside the one that a request came to.

        Raises:
            NotSent: the viewset has none.
        """
        match = request.resolver_match
        beside = match and _find_beside(match, view, key_name)
        if beside:
            where, found = beside
            return cls(view=found.func, path=where)
        return cls._create(view, request, kwargs, key_name)

    @classmethod
    def _create(
        cls, view: Any, request: WSGIRequest, kwargs: dict[str, Any], key_name: str
    ) -> BatchRoute:
        batch = _get_batch_view(view)
        others = {name: value for name, value in kwargs.items() if name != key_name}
        base = unquote(request.path_info).removeprefix("/")
        slash = "/" if base.endswith("/") or not base else ""
        if key_name in kwargs:
            key = str(kwargs[key_name])
            own = base.rstrip("/").removesuffix(key)
            base = own if own != base.rstrip("/") else f"foreign-{next(_numbers)}/"
            detail = rf"^{_escape(base)}(?P<{key_name}>[^/]+){slash}$"
            single = re_path(detail, view, others, name="foreign-detail")
        else:
            single = path(base, view, others, name="foreign-list")
            base = f"{base.rstrip('/')}/" if base else ""
        urlconf = ModuleType("foreign_urls")
        urlconf.urlpatterns = [  # type: ignore[attr-defined]
            path(f"{base}batch/", batch, others, name="foreign-batch"),
            single,
            *_get_root_patterns(request),
        ]
        return cls(
            view=batch, path=f"{get_script_prefix()}{base}batch/", urlconf=urlconf
        )

    @contextmanager
    def use_urlconf(self) -> Iterator[None]:
        """Have URLs reversed and resolved by the URLconf that was made, if one was."""
        if self.urlconf is None:
            yield
            return
        before = get_urlconf()
        set_urlconf(self.urlconf)
        try:
            yield
        finally:
            set_urlconf(before)

    def call(self, single: WSGIRequest, document: Any) -> Any:
        """Call the view with a document; return its response."""
        request = self._create_request(single, document)
        match = resolve(request.path_info, self.urlconf or get_urlconf())
        request.resolver_match = match
        return match.func(request, *match.args, **match.kwargs)

    def _create_request(self, single: WSGIRequest, document: Any) -> WSGIRequest:
        """Return the request for a batch that has all else of a single request."""
        body = json.dumps(document).encode()
        # A test may have put a plain dict there.
        query = {
            name: single.GET.getlist(name) if hasattr(single.GET, "getlist") else value
            for name, value in single.GET.items()
            if name != "format"
        }
        environ = single.environ | {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": unquote("/" + self.path.removeprefix(get_script_prefix())),
            "QUERY_STRING": urlencode(query, doseq=True),
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": BytesIO(body),
        }
        environ.pop("HTTP_IF_MATCH", None)
        if "application/json" not in environ.get("HTTP_ACCEPT", "application/json"):
            environ["HTTP_ACCEPT"] = "application/json"
        request = type(single)(environ)
        # What middleware and the test's client have put there: user, session, …
        for name, value in vars(single).items():
            is_read = isinstance(getattr(type(single), name, None), cached_property)
            if not (is_read or name in _BODY or name in vars(request)):
                setattr(request, name, value)
        if self.urlconf is not None:
            request.urlconf = self.urlconf
        return request


_numbers = count()

_BODY: Final = ("_body", "_post", "_files", "_post_parse_error", "_data")
"""Where Django keeps the body that it has read."""


def _find_beside(
    match: Any, view: View, key_name: str
) -> tuple[str, ResolverMatch] | None:
    """Return the path of the batch route that a router put beside another, resolved."""
    basename, dash, kind = match.view_name.rpartition("-")
    if not dash or kind not in ("list", "detail"):
        return None
    kwargs = {
        name: value
        for name, value in match.captured_kwargs.items()
        if name not in (key_name, "format")
    }
    try:
        where = reverse(f"{basename}-batch", kwargs=kwargs)
        found: Any = resolve("/" + unquote(where).removeprefix(get_script_prefix()))
    except (NoReverseMatch, Resolver404):
        return None
    is_batch = getattr(found.func, "actions", {}).get("post") == "batch"
    if not is_batch or found.func.cls is not view.cls:
        return None
    return where, found


def _get_batch_view(view: Any) -> View:
    """Return the view of the batch, with the arguments that another view was made with.

    Raises:
        NotSent: the viewset has no such route.
    """
    from rest_framework.routers import SimpleRouter

    kept = {
        name: value
        for name, value in view.initkwargs.items()
        if name not in ("suffix", "name", "description", "detail")
    }
    for route in SimpleRouter().get_routes(view.cls):
        if "batch" in route.mapping.values():
            made: View = view.cls.as_view(
                dict(route.mapping), **(kept | route.initkwargs)
            )
            return made
    raise NotSent("no batch route")


def _get_root_patterns(request: WSGIRequest) -> Sequence[Any]:
    """Return the URL patterns that the request would have been routed by."""
    root = getattr(request, "urlconf", None) or get_urlconf()
    root = root or getattr(settings, "ROOT_URLCONF", None)
    if not root:
        return ()
    patterns: Sequence[Any] = get_resolver(root).url_patterns
    return patterns


def _escape(text: str) -> str:
    # `re.escape`, but for what `reverse()` cannot undo.
    return "".join(f"\\{each}" if each in ".^$*+?{}[]|()\\" else each for each in text)


def _get_definer(cls: type, name: str) -> type | None:
    """Return the class, not one of ours, that gives a class an attribute."""
    return next(
        (
            each
            for each in cls.__mro__
            if name in vars(each) and not each.__module__.startswith("multistatus_app")
        ),
        None,
    )


def _read_data(request: WSGIRequest) -> Any:
    """Return the data of a single write as JSON has it.

    Raises:
        NotSent: JSON has no such data.
    """
    from rest_framework.parsers import FormParser, MultiPartParser
    from rest_framework.request import Request

    try:
        body = request.body
    except RawPostDataException as exc:
        raise NotSent("its body was read before") from exc
    kind = request.content_type
    if not body:
        return {}
    if kind in (FormParser.media_type, "multipart/form-data"):
        parsed: Any = Request(request, parsers=[FormParser(), MultiPartParser()])
        if parsed.FILES:
            raise NotSent("it has files")
        return {
            name: values if len(values) > 1 else values[0]
            for name, values in parsed.data.lists()
        }
    if kind != "application/json":
        raise NotSent(f"its media type is {kind}")
    try:
        data = json.loads(body)
    except ValueError as exc:
        raise NotSent("it is not JSON") from exc
    if not isinstance(data, dict):
        raise NotSent("its data is not an object")
    return data


@contextmanager
def _catch_unexpected() -> Iterator[list[BaseException]]:
    """Collect the exceptions that Django's signal tells of."""
    caught: list[BaseException] = []

    def collect(**kwargs: Any) -> None:
        exc = sys.exc_info()[1]
        if exc is not None:
            caught.append(exc)

    got_request_exception.connect(collect)
    try:
        yield caught
    finally:
        got_request_exception.disconnect(collect)


def _get_result(document: Any, total: int, wanted: int) -> dict[str, Any]:
    """Return one result out of a batch in which all others have to fail."""
    results = document["results"]
    assert [each["index"] for each in results] == list(range(total)), results
    for index, each in enumerate(results):
        is_good = 200 <= each["status"] < 400
        assert is_good == ("error" not in each), each
        assert index == wanted or not is_good, f"This was to fail: {each}"
        if not is_good:
            assert each["error"]["status"] == each["status"], each
    succeeded = sum("error" not in each for each in results)
    summary = document["summary"]
    assert summary["total"] == total, summary
    assert (summary["succeeded"], summary["failed"]) == (succeeded, total - succeeded)
    assert summary["committed"] is True, summary
    result: dict[str, Any] = results[wanted]
    return result


def _get_native_data(
    response: Any, result: Mapping[str, Any], wanted: int
) -> dict[str, Any]:
    """Return the data of a result before it was written, as `response.data` has it.

    If it is the same: tests compare it with Decimals, that JSON makes numbers.
    """
    try:
        data = response.data["results"][wanted]["data"]
        written = json.loads(response.accepted_renderer.render(data))
    except (AttributeError, KeyError, TypeError, ValueError):
        return {}
    return {"data": data} if written == result.get("data") else {}


# A problem object as the exception that it was


def _get_exception(result: Mapping[str, Any], data: Any) -> Any:
    """Return an exception of which REST framework makes its document."""
    from rest_framework import exceptions

    error = result["error"]
    known = {
        each.status_code: each
        for each in (
            exceptions.ParseError,
            exceptions.AuthenticationFailed,
            exceptions.PermissionDenied,
            exceptions.NotFound,
            exceptions.MethodNotAllowed,
            exceptions.UnsupportedMediaType,
            exceptions.Throttled,
        )
    }
    if "errors" in error:
        exc: Any = exceptions.ValidationError(_get_detail(error["errors"], data))
    else:
        kind = known.get(error["status"], exceptions.APIException)
        exc = kind.__new__(kind)
        exc.detail = exceptions.ErrorDetail(error["detail"], error["code"])
        exc.wait = result.get("retry_after")
    exc.status_code = error["status"]
    return exc


def _get_detail(errors: Sequence[Mapping[str, Any]], data: Any) -> Any:
    """Return the messages nested as the serializer's are, from their pointers."""
    from rest_framework.exceptions import ErrorDetail

    tree: dict[Any, Any] = {}
    for each in errors:
        node = tree
        for token in _split_pointer(each["pointer"]):
            node = node.setdefault(token, {})
        node.setdefault(_MESSAGES, []).append(ErrorDetail(each["detail"], each["code"]))
    return _nest(tree, {} if data is None else data)


_MESSAGES: Final = object()


def _split_pointer(pointer: str) -> list[str]:
    tokens = unquote(pointer).removeprefix("#").split("/")[1:]
    return [token.replace("~1", "/").replace("~0", "~") for token in tokens]


def _nest(node: dict[Any, Any], data: Any) -> Any:
    """Return a node as a list of messages, a list of nested errors, or a dict."""
    from rest_framework.settings import api_settings

    messages = node.pop(_MESSAGES, None)
    if not node:
        whole = isinstance(data, dict)
        return {api_settings.NON_FIELD_ERRORS_KEY: messages} if whole else messages
    if isinstance(data, list) and all(token.isdigit() for token in node):
        if any(isinstance(each, dict) for each in data):
            # A nested serializer's: one for each element.
            return [
                _nest(node[str(index)], each) if str(index) in node else {}
                for index, each in enumerate(data)
            ]
        return {int(token): _nest(child, None) for token, child in node.items()}
    members = data if isinstance(data, dict) else {}
    nested = {token: _nest(child, members.get(token)) for token, child in node.items()}
    if messages:
        nested[api_settings.NON_FIELD_ERRORS_KEY] = messages
    return nested
