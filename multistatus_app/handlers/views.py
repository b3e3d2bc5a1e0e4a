"""The view of a route of ours, as far as the project's viewset decides about it.

Only authentication, versioning, the exception handler and the settings of the viewset
apply to a request as a whole. The rest of it runs for each operation.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.http import Http404
from rest_framework.exceptions import APIException
from rest_framework.views import APIView

from multistatus_app.databases.aliases import atomic, get_atomic_databases
from multistatus_app.handlers.batches import Batch
from multistatus_app.handlers.paths import ResourcePaths
from multistatus_app.handlers.routes import OF_THE_ROUTE
from multistatus_app.outcomes import Operation
from multistatus_app.overrides.origins import is_inherited

if TYPE_CHECKING:
    from rest_framework.request import Request

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


class _RouteViewType(type):
    """The type of our views, which have the viewset's plain attributes, too."""

    def __getattr__(cls, name: str) -> Any:
        """Return a viewset's attribute, as middleware reads it from a view's class."""
        viewset = None if name.startswith("_") else vars(cls).get("viewset")
        mark = getattr(viewset, name, None)
        if not isinstance(mark, _MARKS):
            raise AttributeError(f"{cls.__name__} has no attribute {name!r}")
        return mark


class RouteView(APIView, metaclass=_RouteViewType):
    """Has a bare instance of the viewset, and asks it what applies to all."""

    viewset: ClassVar[Any]
    """The project's viewset class."""
    initkwargs: ClassVar[Mapping[str, Any]]
    """The arguments of the viewset's `as_view()`."""
    schema = _RouteSchema()

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
        own = {k: v for k, v in self.initkwargs.items() if k not in OF_THE_ROUTE}
        bare = self.viewset(**own)
        bare.request = getattr(self, "request", None)
        bare.args, bare.kwargs = getattr(self, "args", ()), getattr(self, "kwargs", {})
        bare.action, bare.action_map, bare.format_kwarg = None, {}, None
        return bare

    def ask(self, hook: str, attribute: str) -> list[Any]:
        """Call a hook of the viewset. If it needs an operation, use the attribute."""
        try:
            return list(getattr(self.bare, hook)())
        except Exception:
            return [each() for each in getattr(self.bare, attribute)]

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

    @functools.cached_property
    def batch(self) -> Batch:
        """What the operations share."""
        return Batch(self, self.request, self._http_state)

    def get_single_view(self, method: str) -> Any:
        """Make the view of a single request with a method, without `dispatch()`.

        Raises:
            LookupError: there is no such route.
            Exception: whatever the viewset raises.
        """
        return self.batch.get_view(Operation(index=-1, method=method, data={}))

    def get_authenticators(self) -> list[Any]:
        """Return the viewset's authenticators."""
        return self.ask("get_authenticators", "authentication_classes")

    def perform_authentication(self, request: Request) -> None:
        """Authenticate, unless the viewset does so later."""
        if not is_inherited(self.viewset, "perform_authentication"):
            return
        # As in a single request. The operations' transactions come later.
        with atomic(get_atomic_databases()):
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
