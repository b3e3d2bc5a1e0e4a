"""One operation: the viewset's own action, called as the single request would have.

At the depth of hooks the action is DRF's; then it gets its serializer and its target
from what the batch shares, and everything else is as at the depth of dispatch.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from django.core.signals import got_request_exception
from django.db import transaction
from django.http import Http404
from django.http.response import HttpResponseBase
from rest_framework.exceptions import (
    AuthenticationFailed,
    MethodNotAllowed,
    NotAuthenticated,
)
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from multistatus_app import problems
from multistatus_app.depths import Depth, decide, has_stock_get_object
from multistatus_app.endpoints import get_key_name
from multistatus_app.etags import EntityTags
from multistatus_app.journals import AnyWrite, Journal
from multistatus_app.lending import SerializerPool
from multistatus_app.locks import select_for_update
from multistatus_app.lookups import Lookups
from multistatus_app.outcomes import ABSENT, Operation, Outcome
from multistatus_app.preconditions import check_if_match
from multistatus_app.stock import get_provider
from multistatus_app.targets import Targets

if TYPE_CHECKING:
    from multistatus_app.mixins import BulkModelMixin
    from multistatus_app.singles import Singles

logger = logging.getLogger("multistatus_app")


class Handler:
    """Runs the operations of one request, one by one."""

    def __init__(
        self, singles: Singles, operations: Sequence[Operation], journal: Journal
    ) -> None:
        """Choose the depth of each method, and prepare what its operations share."""
        self.singles = singles
        self.operations = operations
        self.journal = journal
        viewset = singles.viewset
        self.depths = {
            method: decide(viewset, method).depth for method in singles.offered
        }
        self.lookups = Lookups(operations, journal)
        self.serializers = SerializerPool(self.lookups)
        self.targets = self._get_targets()
        self.etags = EntityTags(singles)
        self.singles.users.forget()
        self._finalizes = get_provider(viewset, "finalize_response") is not APIView
        self._view: BulkModelMixin | None = None

    def run(self, operation: Operation) -> Outcome:
        """Do an operation and return its outcome; a failure may also be raised.

        Raises:
            Exception: whatever the viewset raises; `explain` makes an outcome of it.
        """
        if operation.problems:
            return self._fail(operation, problems.invalid(operation.problems))
        self._view = None
        if not self.singles.paths.has_route(operation.key):
            raise Http404(f"No resource has the key {operation.key!r}.")
        view = self._view = self.singles.get_view(operation)
        view.initial(view.request, *view.args, **view.kwargs)
        if operation.method not in self.singles.offered:
            raise MethodNotAllowed(operation.method or "")
        self.lend(view, operation)
        if operation.if_match is not None:
            self._check_if_match(view, operation)
        action = getattr(view, operation.method.lower())
        response = action(view.request, *view.args, **view.kwargs)
        if self._finalizes:
            response = view.finalize_response(
                view.request, response, *view.args, **view.kwargs
            )
        if 200 <= response.status_code < 300:
            return self._succeed(view, operation, response)
        return self._fail(operation, _explain_response(response))

    def finish(self, outcome: Outcome) -> None:
        """Let go of what an operation used, and of what it made stale for others."""
        key = outcome.operation.key
        for targets in self.targets.values():
            if key is not None:
                targets.forget(key)
            if not outcome.ok:
                targets.roll_back(outcome.operation)
        if outcome.ok:
            self.note(self.journal.writes)
        if self._view is not None:
            user = vars(self._view.request).get("_user")
            self.singles.users.note(user, self.journal.writes, kept=outcome.ok)
            # The view lives on in its own bound methods; what it was lent comes back.
            self._view._single.used_serializer = None
            self._view._single.fetched = None
            self._view = None

    def note(self, writes: Sequence[AnyWrite]) -> None:
        """Let go of what writes that are kept have made stale."""
        self.lookups.note(writes)
        for targets in self.targets.values():
            targets.note(writes)

    def use(self, view: BulkModelMixin | None) -> None:
        """Say whose operation it is that may have to be explained."""
        self._view = view

    def explain(self, operation: Operation, exc: Exception) -> Outcome:
        """Return the outcome of an operation that raised.

        To be called outside its savepoint, while the exception is handled.
        """
        try:
            failure = self._explain_by_project(exc) or self._explain(exc)
            if failure is not None:
                return self._fail(operation, failure)
        except Exception:  # an exception that says impossible things of itself
            logger.exception("An exception could not be explained.")
        self._announce(operation)
        return self._fail(operation, problems.get_unexpected())

    def _get_targets(self) -> dict[str, Targets]:
        """Return the targets of each method that can share a query for them."""
        if not has_stock_get_object(self.singles.viewset):
            return {}
        return {
            method: Targets(keys, self.journal)
            for method, depth in self.depths.items()
            if depth >= Depth.HOOKS
            and len(keys := _get_keys(self.operations, method)) > 1
        }

    def lend(self, view: BulkModelMixin, operation: Operation) -> None:
        """Give a view what its action may share with the rest of the batch."""
        method = operation.method or ""
        if self.depths[method] < Depth.HOOKS:
            return
        view._single.serializer_pool = self.serializers
        if operation.if_match is None:
            # What is compared, and then changed, is the row as it is now.
            view._single.targets = self.targets.get(method)

    def _check_if_match(self, view: BulkModelMixin, operation: Operation) -> None:
        instance = view.get_object()
        using = instance._state.db
        mode = view.bulk_lock or "wait"
        select_for_update(type(instance), [instance.pk], using, mode=mode)
        # It may have changed, or gone, before it was ours.
        instance = view.get_object()
        current = self.etags.get_current(operation, instance)
        check_if_match(operation.if_match or "", current=current)

    def _succeed(
        self, view: BulkModelMixin, operation: Operation, response: HttpResponseBase
    ) -> Outcome:
        data = getattr(response, "data", None)
        if isinstance(data, Mapping):
            # DRF's own dict holds the serializer, which others are waiting for.
            data = dict(data)
        elif isinstance(data, list):
            data = list(data)
        empty = data is None and not (
            view._single.serializer_pool is not None and operation.method != "DELETE"
        )
        return Outcome(
            operation=operation,
            status=response.status_code,
            href=self._get_href(view, operation, response, data),
            etag=(
                None
                if operation.method == "DELETE"
                else self.etags.get(view, operation, data)
            ),
            data=ABSENT if empty else data,
        )

    def _get_href(
        self,
        view: BulkModelMixin,
        operation: Operation,
        response: HttpResponseBase,
        data: Any,
    ) -> str | None:
        """Return the path of the resource as it is now: a create names it, a PATCH may
        rename it."""
        paths = self.singles.paths
        if operation.method == "DELETE":
            return paths.get_href(operation.key)
        key: Any = None
        if view._single.used_serializer is not None:
            key = paths.get_key(view._single.used_serializer.instance)
        elif isinstance(data, Mapping):
            key = data.get(get_key_name(view))
        if isinstance(key, str | int) and not isinstance(key, bool):
            href = paths.get_href(str(key))
            if href is not None:
                return href
        return paths.get_href(operation.key) or paths.get_located(response)

    def forget_all(self) -> None:
        """Drop all that was fetched: what it was read from has been rolled back."""
        self.lookups = Lookups(self.operations, self.journal)
        self.serializers = SerializerPool(self.lookups)
        self.targets = self._get_targets()
        self.singles.users.forget()
        self._view = None

    def get_href(self, operation: Operation) -> str | None:
        """Return the path of the resource that an operation names."""
        return self.singles.paths.get_href(operation.key)

    def _fail(self, operation: Operation, failure: problems.Failure) -> Outcome:
        return problems.to_outcome(
            failure, operation=operation, href=self.get_href(operation)
        )

    def _explain(self, exc: Exception) -> problems.Failure | None:
        """Return what an exception says, with DRF's 403 where no scheme is offered."""
        failure, view = problems.explain(exc), self._view
        named = isinstance(exc, NotAuthenticated | AuthenticationFailed)
        if (
            failure
            and named
            and view
            and not view.get_authenticate_header(view.request)
        ):
            return problems.Failure(status=403, problem=failure.problem)
        return failure

    def _explain_by_project(self, exc: Exception) -> problems.Failure | None:
        """Ask the project's own exception handling, if it has any.

        In a transaction of its own: DRF's handler dooms those that it is called in.
        """
        view = self._view
        if view is None or has_stock_exception_handling(view):
            return None
        try:
            with ExitStack() as stack:
                for alias in self.journal.databases:
                    stack.enter_context(transaction.atomic(using=alias))
                response = view.handle_exception(exc)
        except Exception as raised:
            if raised is not exc:
                logger.exception("The project's exception handler failed.")
            return None
        own = problems.explain(exc)
        said = _explain_response(response)
        if said.status < 400:
            return own
        if own is None:
            return said
        return problems.Failure(
            status=said.status,
            problem=own.problem,
            errors=own.errors,
            retry_after=own.retry_after,
        )

    def _announce(self, operation: Operation) -> None:
        """Tell the log and the error monitors of an unexpected exception."""
        request = self.singles.request._request
        logger.exception(
            "Unexpected error in operation %d (%s) of %s",
            operation.index,
            operation.method,
            request.path,
            extra={"status_code": 500, "request": request},
        )
        got_request_exception.send(sender=type(self), request=request)


def _get_keys(operations: Iterable[Operation], method: str) -> list[str]:
    return [
        each.key
        for each in operations
        if each.method == method and each.key is not None and not each.problems
    ]


def has_stock_exception_handling(view: APIView) -> bool:
    """Whether a project leaves it to DRF what becomes of an exception."""
    return (
        type(view).handle_exception is APIView.handle_exception
        and view.get_exception_handler() is exception_handler
    )


def _explain_response(response: HttpResponseBase) -> problems.Failure:
    """Return what a response that is no success says."""
    document = response.data if isinstance(response, Response) else None
    failure = problems.explain_document(response.status_code, document)
    seconds = response.headers.get("Retry-After", "")
    if not seconds.isdecimal():
        return failure
    return problems.Failure(
        status=failure.status,
        problem=failure.problem,
        errors=failure.errors,
        retry_after=int(seconds),
    )
