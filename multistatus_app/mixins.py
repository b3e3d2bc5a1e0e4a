"""The mixin that gives a viewset its `bulk/` and `batch/` routes.

A view of ours answers the routes (`views`). The methods here are for the view of one
operation: the viewset's own, called as its single request would have called it.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model, QuerySet
from django.utils.decorators import classonlymethod
from rest_framework.decorators import MethodMapper, action
from rest_framework.exceptions import Throttled
from rest_framework.generics import GenericAPIView
from rest_framework.viewsets import GenericViewSet

from multistatus_app.databases.aliases import get_databases
from multistatus_app.databases.locks import get_locked
from multistatus_app.handlers import get_state
from multistatus_app.handlers.failures import note_exception
from multistatus_app.handlers.states import set_state
from multistatus_app.problems import to_pointer
from multistatus_app.requests.endpoints import BULK_ACTIONS, SINGLE_ACTIONS
from multistatus_app.requests.preconditions import get_representation_etag
from multistatus_app.views import make_bulk_view

if TYPE_CHECKING:
    from rest_framework.renderers import BaseRenderer
    from rest_framework.request import Request
    from rest_framework.response import Response
    from rest_framework.serializers import BaseSerializer


_Model = TypeVar("_Model", bound=Model)


class BulkModelMixin(GenericViewSet[_Model]):
    """Adds `bulk/` (one method, many) and `batch/` (many methods) to a viewset.

    A viewset offers the same methods in bulk as on its single routes. The mixin is a
    GenericViewSet, so that it precedes DRF's own in whatever order a class lists its
    bases.

    A viewset may also define `perform_bulk_create(serializer, operations)`,
    `perform_bulk_update` and `perform_bulk_destroy`, which write a whole set. Each
    operation has its `instance`, ready to be written, and its `validated_data`. If such
    a hook raises, its writes are undone and its operations are run one by one.
    """

    bulk_limit: int | None = None
    """The most operations that one request may hold. None means the setting
    `MULTISTATUS["MAX_OPERATIONS"]`."""

    bulk_lock: Literal["nowait", "wait"] | None = None
    """Select targets for update. A row that is held is a 423, or is waited for. With
    None, only targets with an `if_match` are locked."""

    bulk_commit_every: int | None = None
    """Commit after every so many operations, not once for the request. With 1, an
    operation has no transaction of ours. With ATOMIC_REQUESTS only 1 is possible. Has
    no effect under `atomic` and `dry_run`."""

    bulk_replayable: bool = False
    """True if hooks touch nothing but the database, so that they may run twice.
    Operations then share savepoints, and a group in which one fails is replayed."""

    bulk_columns: bool = True
    """False if what reads (permissions, querysets, validation, representation) must not
    run before its turn, or twice. Operations are then run by their own action. Fields,
    validators, serializers and permission classes may have the same attribute."""

    bulk_retries: int = 3
    """How often to retry a request after a deadlock or a serialization failure. There
    are no retries if code of the project may have written, or told others, what was
    undone, unless `bulk_replayable` is set."""

    bulk_url_path: str = "bulk"
    """The last segment of the route for one method."""

    batch_url_path: str = "batch"
    """The last segment of the route for many methods."""

    @classonlymethod
    def as_view(cls, actions: Any = None, **initkwargs: Any) -> Any:
        """Return the view function. For our actions it is a view of ours.

        Raises:
            ImproperlyConfigured: our actions are mixed with others in one route.
        """
        kinds = {_get_kind(cls, each) for each in (actions or {}).values()}
        if kinds <= {None}:
            return super().as_view(actions, **initkwargs)
        if len(kinds) > 1:
            raise ImproperlyConfigured(
                f"{cls.__qualname__}.as_view() got {dict(actions)!r}: bulk and batch "
                f"are routes of their own, and take no other action beside them."
            )
        return make_bulk_view(cls, str(kinds.pop()), actions, initkwargs)

    @classmethod
    def get_extra_actions(cls) -> list[Any]:
        """Return the extra actions, with ours if the viewset has methods that write."""
        found = [
            each for each in super().get_extra_actions() if not is_own_action(each)
        ]
        return [*found, *_get_own_actions(cls)]

    @action(
        detail=False,
        methods=["post", "put", "patch", "delete"],
        url_path="bulk",
        url_name="bulk",
    )
    def bulk(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One method for many: an array of representations, or of keys to delete."""
        raise NotImplementedError(_NOT_CALLED)

    @action(detail=False, methods=["post"], url_path="batch", url_name="batch")
    def batch(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Many methods in one request: `{"operations": [...]}`."""
        raise NotImplementedError(_NOT_CALLED)

    def get_etag(self, instance: Any) -> str:
        """Return the strong entity tag of a resource: a digest of its representation.

        Override it with something cheaper, such as a version field, in quotes.
        """
        return get_representation_etag(self.get_serializer(instance).data)

    def get_bulk_pointer(self, path: tuple[str | int, ...]) -> str:
        """Return the pointer to a value: an RFC 6901 pointer in fragment form.

        `path` holds members, as serializers name them, and indices. Override it if a
        parser of the project renames members (camelCase).
        """
        return to_pointer(path)

    # Hooks for the view of one operation

    def initialize_request(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Return the request. That of an operation has its data and user already."""
        made = super().initialize_request(request, *args, **kwargs)
        state = get_state(request)
        if state is not None and state.view in (None, self):
            state.view = self
            state.hand_over(state, made)
        elif state is not None:  # the operation's view has called another view
            set_state(made, None)
        return made

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Run DRF's checks, then compare the operation's `if_match`."""
        super().initial(request, *args, **kwargs)
        state = get_state(request)
        if state is not None and state.precondition is not None:
            state.precondition(self)

    def perform_content_negotiation(
        self, request: Request, force: bool = False
    ) -> tuple[BaseRenderer, str]:
        """Negotiate. An operation's response is not rendered, so it is never a 406."""
        force = force or get_state(request) is not None
        return super().perform_content_negotiation(request, force=force)

    def check_permissions(self, request: Request) -> None:
        """Check permissions, and record the refusal of an operation."""
        state = get_state(request)
        try:
            super().check_permissions(request)
        except Exception as exc:
            if state is not None:
                state.refusal = exc
            raise

    def check_throttles(self, request: Request) -> None:
        """Check throttles. An operation is charged once, and a GET of ours never."""
        state = get_state(request)
        if state is None:
            super().check_throttles(request)
            return
        index, throttles = state.operation.index, state.throttles
        if state.is_read or throttles.is_asked(index):
            return
        prepared = throttles.prepare(self.get_throttles())
        vars(self)["get_throttles"] = lambda: prepared
        try:
            super().check_throttles(request)
        except Throttled as exc:
            throttles.note(index, exc)
            raise
        finally:
            del vars(self)["get_throttles"]
        throttles.note(index)

    def get_object(self) -> _Model:
        """Return the target, locked if `bulk_lock` is set."""
        state = get_state(self.request)
        if state is None:
            return super().get_object()
        mode = None if state.is_read else self.bulk_lock
        instance: _Model = get_locked(super().get_object, mode)
        state.instance, state.key = instance, getattr(instance, "pk", None)
        return instance

    def get_serializer(self, *args: Any, **kwargs: Any) -> BaseSerializer[Any]:
        """Return a serializer. An operation gets a clone of the batch's template."""
        state = get_state(self.request)
        if state is None:
            return super().get_serializer(*args, **kwargs)
        serializer = None
        if _is_below(type(self), "get_serializer", GenericAPIView):
            serializer = state.serializers.lend(self, *args, **kwargs)
        if serializer is None:
            serializer = super().get_serializer(*args, **kwargs)
        if "data" in kwargs:
            state.serializer = serializer
        return serializer

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Filter the queryset. An operation reads the database that it writes to."""
        queryset = super().filter_queryset(queryset)
        state = get_state(getattr(self, "request", None))
        if state is None or not isinstance(queryset, QuerySet):
            return queryset
        pinned: Any = vars(queryset).get("_db")
        return queryset if pinned else queryset.using(get_databases(self)[0])

    def handle_exception(self, exc: Exception) -> Response:
        """Answer an exception, after undoing the operation's writes."""
        state = get_state(self.request)
        if state is None:
            return super().handle_exception(exc)
        note_exception(state, exc)
        try:
            state.handled = super().handle_exception(exc)
        except Exception:
            # An overridden `dispatch()` may still answer. That answer counts then.
            state.exception = state.failure = None
            state.is_undone = False
            raise
        handled: Response = state.handled
        return handled

    def finalize_response(
        self, request: Any, response: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Finish the response. The writes of an error response are undone."""
        state = get_state(request)
        if (
            state is not None
            and state.exception is None
            and state.undo is not None
            and getattr(response, "status_code", 200) >= 400
        ):
            state.undo()
        return super().finalize_response(request, response, *args, **kwargs)


_NOT_CALLED = "The route is answered by a view of multistatus_app, not by this action."


def _is_below(viewset: type, name: str, base: type) -> bool:
    """Return True if the first class after the mixin to define a name is `base`."""
    mro = viewset.__mro__
    below = mro[mro.index(BulkModelMixin) + 1 :]
    return next(each for each in below if name in vars(each)) is base


def _get_kind(viewset: Any, action: str) -> str | None:
    """Return the kind of our route that an action maps to, or None."""
    name = action.removesuffix("_url_path")
    if name not in BULK_ACTIONS:
        return None
    is_ours = name != action or is_own_action(getattr(viewset, name, None))
    return name if is_ours else None


def is_own_action(extra: Any) -> bool:
    """Return True if an extra action is the mixin's `bulk` or `batch`.

    It may be decorated, or an override that only calls it, made to be annotated.
    """
    if not callable(extra):
        return False
    function = inspect.unwrap(extra)
    ours = [inspect.unwrap(vars(BulkModelMixin)[name]) for name in BULK_ACTIONS]
    return function in ours or _only_calls_ours(function)


def _only_calls_ours(function: Any) -> bool:
    code = getattr(function, "__code__", None)
    if code is None or code.co_freevars != ("__class__",):
        return False
    if code.co_name not in BULK_ACTIONS or {*code.co_names} != {"super", code.co_name}:
        return False
    owner = function.__closure__[0].cell_contents
    return is_own_action(getattr(super(owner, owner), code.co_name, None))


def _get_own_actions(viewset: Any) -> list[Any]:
    """Return our actions for routers, with the paths that the viewset sets."""
    allowed = viewset.http_method_names
    methods = [each.lower() for each in SINGLE_ACTIONS if each.lower() in allowed]
    if not methods or _is_read_only(viewset):
        return []
    found = []
    for name in sorted(BULK_ACTIONS):
        path = getattr(viewset, f"{name}_url_path")
        own = getattr(viewset, name, None)
        taken = not is_own_action(own)
        if own is None or (taken and path == name):
            continue
        ours = vars(BulkModelMixin)[name]
        extra = ours if taken else own
        mapping = getattr(extra, "mapping", ours.mapping)
        offered = [method for method in methods if method in mapping]
        if offered:
            found.append(_restrict(extra, name, path, offered, taken=taken))
    return found


def _is_read_only(viewset: Any) -> bool:
    """Return True if a viewset has DRF's reading actions and no writing ones."""
    has = [callable(getattr(viewset, each, None)) for each in SINGLE_ACTIONS.values()]
    reads = [callable(getattr(viewset, each, None)) for each in ("list", "retrieve")]
    return any(reads) and not any(has)


def _restrict(
    extra: Any, name: str, path: str, methods: Sequence[str], *, taken: bool
) -> Any:
    """Copy one of our actions, with the methods and the path of its route."""

    @functools.wraps(extra)
    def route(*args: Any, **kwargs: Any) -> Any:
        return extra(*args, **kwargs)

    made: Any = route
    made.url_path = path
    made.detail, made.url_name = False, name
    # A plain method that overrides ours has no such attributes.
    made.kwargs = vars(BulkModelMixin)[name].kwargs | getattr(extra, "kwargs", {})
    if taken:
        # The viewset uses our name for something else, so routers get another one.
        made.url_name = path.replace("/", "-").replace("_", "-")
        made.__name__ = f"{name}_url_path"
    made.mapping = MethodMapper(route, methods)
    return made
