"""The mixin that gives a viewset its `bulk/` and `batch/` routes."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from django.db import connections, transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils.decorators import classonlymethod
from rest_framework.decorators import MethodMapper, action
from rest_framework.exceptions import APIException
from rest_framework.viewsets import GenericViewSet

from multistatus_app import bodies, operations
from multistatus_app.databases import get_databases
from multistatus_app.endpoints import (
    BULK_ACTIONS,
    SINGLE_ACTIONS,
    get_key_name,
    get_offered_methods,
    is_bulk_route,
)
from multistatus_app.examples import get_single_view
from multistatus_app.handlers import Handler
from multistatus_app.journals import Journal
from multistatus_app.locks import select_for_update
from multistatus_app.negotiation import (
    BulkContentNegotiation,
    get_bulk_parsers,
    get_bulk_renderers,
)
from multistatus_app.options import Options
from multistatus_app.outcomes import MultiStatus, Operation
from multistatus_app.permissions import check_any_permitted, get_examples
from multistatus_app.preconditions import get_representation_etag
from multistatus_app.responses import (
    MultiStatusResponse,
    describe_refusal,
    set_headers,
)
from multistatus_app.settings import get_bulk_limit, get_setting
from multistatus_app.singles import Singles, SingleState
from multistatus_app.strategies import (
    PerGroup,
    PerOperation,
    Policy,
    SetBased,
    Strategy,
    execute,
)

if TYPE_CHECKING:
    from rest_framework.negotiation import BaseContentNegotiation
    from rest_framework.parsers import BaseParser
    from rest_framework.renderers import BaseRenderer
    from rest_framework.request import Request
    from rest_framework.response import Response
    from rest_framework.serializers import BaseSerializer


class BulkModelMixin(GenericViewSet[Any]):
    """Adds `bulk/` (one method, many) and `batch/` (many methods) to a viewset.

    A viewset offers in bulk what it offers singly, no more. It is a GenericViewSet, so
    that it comes before DRF's own in whatever order a class names its bases.
    """

    bulk_limit: int | None = None
    """How many operations one request may hold; with None as many as the setting
    `MULTISTATUS["MAX_OPERATIONS"]` says."""

    bulk_lock: Literal["nowait", "wait"] | None = None
    """Whether targets are selected for update: a row that is held is a 423, or waited
    for. With None, only a target with an `if_match` is."""

    bulk_commit_every: int | None = None
    """Commit after so many operations, and not once for the request. Not with
    ATOMIC_REQUESTS, and never under `atomic` or `dry_run`."""

    bulk_replayable: bool = False
    """Whether hooks touch nothing but the database, so that they may run twice: then
    operations share savepoints, and a group in which one fails is replayed."""

    bulk_retries: int = 0
    """How often a request is run again whose transaction met a deadlock or a
    serialization failure."""

    perform_bulk_create: Callable[..., None] | None = None
    """`perform_bulk_create(serializer, operations)` and the two below write a set in a
    way of the project's own: each operation has its `instance`, as it is to be written,
    and its `validated_data`. What such a hook raises is undone, and its operations are
    run one by one."""
    perform_bulk_update: Callable[..., None] | None = None
    perform_bulk_destroy: Callable[..., None] | None = None

    def __init__(self, **kwargs: Any) -> None:
        """Keep the arguments, to make the views of the operations with them."""
        super().__init__(**kwargs)
        self._initkwargs = kwargs
        self._single = SingleState()
        self._asked: list[Operation] | APIException | None = None
        # Of the instance: what the class has is still DRF's, or the project's.
        self.handle_exception = self._answer_exception  # type: ignore[method-assign]

    @classonlymethod
    def as_view(cls, actions: Any = None, **initkwargs: Any) -> Any:
        """Return the view function; ours open their transaction themselves.

        So the commit happens before the answer is written, ATOMIC_REQUESTS or not, and
        a commit that fails is a 503.
        """
        view = super().as_view(actions, **initkwargs)
        if actions and not BULK_ACTIONS.isdisjoint(actions.values()):
            for alias in connections.settings:
                view = transaction.non_atomic_requests(using=alias)(view)
        return view

    @classmethod
    def get_extra_actions(cls) -> list[Any]:
        """Return the extra actions, ours with the methods that are offered singly."""
        return [
            extra
            for each in super().get_extra_actions()
            if (extra := _restrict(each, cls)) is not None
        ]

    @action(
        detail=False,
        methods=["post", "put", "patch", "delete"],
        url_path="bulk",
        url_name="bulk",
    )
    def bulk(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One method for many: an array of representations, or of keys to delete."""
        return self._answer(request, methods=(request.method or "",))

    @action(detail=False, methods=["post"], url_path="batch", url_name="batch")
    def batch(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Many methods in one request: `{"operations": [...]}`."""
        return self._answer(request, methods=get_offered_methods(self))

    def get_etag(self, instance: Any) -> str:
        """Return the strong entity tag of a resource: a digest of its representation.

        Override it with something cheaper, such as a version field, in quotes.
        """
        return get_representation_etag(self.get_serializer(instance).data)

    def count_operations(self, request: Request) -> int:
        """Return how many operations a request to our routes holds.

        Raises:
            APIException: the body is none that the route takes.
        """
        return len(self._read(request))

    def _read(self, request: Request) -> list[Operation]:
        """Return the operations; a throttle may have asked for them before."""
        if self._asked is None:
            try:
                self._asked = self._parse(request)
            except APIException as exc:
                self._asked = exc
        if isinstance(self._asked, APIException):
            raise self._asked
        return self._asked

    def _parse(self, request: Request) -> list[Operation]:
        document = bodies.read(request)
        limits = {
            "limit": get_bulk_limit(self),
            "max_depth": get_setting("MAX_DEPTH"),
        }
        if "batch" in self.action_map.values():
            read = operations.read_batch(document, **limits)
        else:
            read = operations.read_bulk(
                document,
                method=request.method or "",
                key_name=get_key_name(self),
                **limits,
            )
        return operations.refuse_foreign(read, self._get_field_names)

    def _get_field_names(self, method: str) -> Collection[str]:
        try:
            view = get_single_view(self, method)
            return set(view.get_serializer().fields)
        except Exception:  # a hook that needs a real request
            return ()

    def _answer(self, request: Request, *, methods: Sequence[str]) -> Response:
        singles = Singles(self, request)
        try:
            options = Options.read(request)
            asked = self._read(request)
        except APIException:
            # Who may do nothing here is told so first, whatever was sent.
            check_any_permitted(singles, get_examples(methods))
            raise
        # A key that no URL carries never comes to a permission singly.
        routed = [each for each in asked if singles.paths.has_route(each.key)]
        check_any_permitted(singles, routed or get_examples(methods))
        document = self._execute(singles, asked, options)
        if options.only_failures:
            document = document.only_failures()
        response = MultiStatusResponse(
            document.without_data() if options.minimal else document
        )
        if options.preference is not None:
            response["Preference-Applied"] = f"return={options.preference}"
        return response

    def _execute(
        self, singles: Singles, asked: list[Operation], options: Options
    ) -> MultiStatus:
        databases = self._get_databases(singles, asked)
        singly = PerGroup if self.bulk_replayable else PerOperation
        strategy: Strategy = singly(databases)
        smallest = get_setting("SMALLEST_SET")
        if smallest is not None:
            strategy = SetBased(
                databases, strategy, smallest=smallest, is_atomic=options.atomic
            )
        return execute(
            asked,
            lambda chunk: Handler(singles, chunk, Journal(databases)),
            strategy=strategy,
            databases=databases,
            policy=Policy(
                atomic=options.atomic,
                dry_run=options.dry_run,
                commit_every=self.bulk_commit_every,
                retries=self.bulk_retries,
            ),
        )

    def _get_databases(
        self, singles: Singles, asked: Iterable[Operation]
    ) -> tuple[str, ...]:
        """Return the databases that an operation names; one of each method is asked."""
        refused: set[str | None] = {None}
        for operation in asked:
            if operation.method in refused:
                continue
            try:
                view = singles.get_view(operation)
            except Exception:  # noqa: S112 (it raises it again, and is answered so)
                continue
            try:
                return get_databases(view, asks_hook=True)
            except Exception:  # as above, but it may be dear to ask for each
                refused.add(operation.method)
        return get_databases(self)

    # What DRF asks a view for, on our routes and in the views of operations

    def check_permissions(self, request: Request) -> None:
        """Check them; on our routes each operation is checked as what it is."""
        if not is_bulk_route(self):
            super().check_permissions(request)
        elif not hasattr(self, (request.method or "").lower()) or (
            request.method not in SINGLE_ACTIONS
        ):
            self.check_bulk_permissions(request)

    def check_bulk_permissions(self, request: Request) -> None:
        """Refuse a request whose every kind of operation would be refused.

        Raises:
            APIException: the refusal of the first kind.
        """
        methods = get_offered_methods(self)
        if request.method in methods and "bulk" in self.action_map.values():
            methods = (request.method,)
        check_any_permitted(Singles(self, request), get_examples(methods))

    def check_throttles(self, request: Request) -> None:
        """Check them for the request, not again for each of its operations."""
        if self._single.operation is None:
            super().check_throttles(request)

    def perform_content_negotiation(
        self, request: Request, force: bool = False
    ) -> tuple[BaseRenderer, str]:
        """Negotiate; an operation's own response is never rendered, so never a 406."""
        return super().perform_content_negotiation(
            request, force=force or self._single.operation is not None
        )

    def get_content_negotiator(self) -> BaseContentNegotiation:
        """Return the negotiator; on our routes one that knows what a request is in."""
        if not is_bulk_route(self):
            return super().get_content_negotiator()
        return BulkContentNegotiation()

    def get_renderers(self) -> list[BaseRenderer]:
        """Return the renderers; on our routes those that write a MultiStatus."""
        renderers = super().get_renderers()
        return get_bulk_renderers(renderers) if is_bulk_route(self) else renderers

    def get_parsers(self) -> list[BaseParser]:
        """Return the parsers; on our routes JSON, XML and what else reads documents."""
        parsers = super().get_parsers()
        return get_bulk_parsers(parsers) if is_bulk_route(self) else parsers

    def get_object(self) -> Any:
        """Return the target, from those fetched for the batch where it is known."""
        operation, targets = self._single.operation, self._single.targets
        if operation is not None and operation.key is not None and targets is not None:
            instance = targets.get(self, operation.key)
            if instance is not None:
                self.check_object_permissions(self.request, instance)
                self._single.fetched = instance
                return instance
        if is_bulk_route(self):
            # OPTIONS asks for one, to find out whether its PUT is permitted.
            raise Http404
        instance = super().get_object()
        mode = self._get_lock_mode()
        if mode is not None:
            select_for_update(
                type(instance), [instance.pk], instance._state.db, mode=mode
            )
            # It may have changed, or gone, before it was ours.
            instance = super().get_object()
        self._single.fetched = instance
        return instance

    def _get_lock_mode(self) -> str | None:
        """Return how the target is to be selected for update, or None: it is not."""
        operation = self._single.operation
        if operation is None or self.request.method not in ("PUT", "PATCH", "DELETE"):
            return None
        return self.bulk_lock

    def get_serializer(self, *args: Any, **kwargs: Any) -> BaseSerializer[Any]:
        """Return the serializer; a stock action gets the one of the batch, once."""
        single = self._single
        is_stock = kwargs.keys() <= {"data", "partial"} and len(args) < 2
        if (
            single.serializer_pool is None
            or single.used_serializer is not None
            or "data" not in kwargs
            or not is_stock
        ):
            return super().get_serializer(*args, **kwargs)
        lent = single.serializer_pool.lend(
            self,
            args[0] if args else None,
            kwargs["data"],
            partial=kwargs.get("partial", False),
        )
        single.used_serializer = lent or super().get_serializer(*args, **kwargs)
        return single.used_serializer

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Filter it; an operation reads where the earlier ones wrote, not a replica."""
        queryset = super().filter_queryset(queryset)
        if self._single.operation is None or not isinstance(queryset, QuerySet):
            return queryset
        pinned: Any = vars(queryset).get("_db")
        return queryset if pinned else queryset.using(get_databases(self)[0])

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        """Finish the answer; on our routes with the headers that all of them carry."""
        response = super().finalize_response(request, response, *args, **kwargs)
        if is_bulk_route(self):
            set_headers(response)
        return response

    def _answer_exception(self, exc: Exception) -> Response:
        """Answer an exception; on our routes XML is written from the exception."""
        response: Response = type(self).handle_exception(self, exc)
        if is_bulk_route(self):
            describe_refusal(response, exc)
        return response

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Describe the route, ours with the formats that it really speaks."""
        if is_bulk_route(self):
            self.renderer_classes = [type(each) for each in self.get_renderers()]
            self.parser_classes = [type(each) for each in self.get_parsers()]
        return super().options(request, *args, **kwargs)


def _restrict(extra: Any, viewset: type[BulkModelMixin]) -> Any:
    """Return an extra action, ours with what a viewset offers, or None for nothing."""
    ours = [vars(BulkModelMixin)[name] for name in BULK_ACTIONS]
    if inspect.unwrap(extra) not in map(inspect.unwrap, ours):
        return extra
    offered = get_offered_methods(viewset)
    if extra.__name__ == "batch":
        offered = ("POST",) if offered and "post" in viewset.http_method_names else ()
    if not offered:
        return None

    @functools.wraps(extra)
    def route(*args: Any, **kwargs: Any) -> Any:
        return extra(*args, **kwargs)

    route.mapping = MethodMapper(  # type: ignore[attr-defined]  # what routers read
        route, [method.lower() for method in offered]
    )
    return route
