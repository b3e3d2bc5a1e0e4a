"""Runs one operation by calling the single route's view, and reads its response."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Protocol

from django.http.response import HttpResponseBase
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.response import Response

from multistatus_app import problems
from multistatus_app.databases.statements import AnyWrite, StatementLog
from multistatus_app.handlers import failures
from multistatus_app.handlers.batches import Batch
from multistatus_app.handlers.calls import call_view
from multistatus_app.handlers.etags import EntityTags
from multistatus_app.handlers.locales import ActiveLocale
from multistatus_app.handlers.preconditions import Precondition
from multistatus_app.handlers.representations import settle
from multistatus_app.handlers.routes import explain_method
from multistatus_app.handlers.serializers import SerializerTemplates
from multistatus_app.handlers.states import OperationState
from multistatus_app.handlers.traces import Traces
from multistatus_app.outcomes import ABSENT, Operation, Outcome
from multistatus_app.overrides.decisions import Depth
from multistatus_app.requests.endpoints import get_key_name, get_model

# DRF answers these with 403 if no authenticator names a scheme.
_UNAUTHENTICATED: Final = (NotAuthenticated, AuthenticationFailed)


class Knowledge(Protocol):
    """A strategy's knowledge of rows. The handler reports writes to it."""

    shared: SerializerTemplates | None
    """The templates of operations that share their look-ups, or None."""

    def note(self, writes: Sequence[AnyWrite]) -> None:
        """Discard what the operation's writes have made stale."""

    def finish(self, outcome: Outcome) -> None:
        """Discard what an operation used."""


class Handler:
    """Runs the operations of one request, one by one."""

    def __init__(
        self,
        batch: Batch,
        operations: Sequence[Operation],
        statement_log: StatementLog,
        *,
        is_minimal: bool = False,
    ) -> None:
        """`statement_log` and the operations are those of one transaction."""
        self.batch = batch
        self.viewset, self.paths = batch.viewset, batch.paths
        self.user = batch.user
        self.operations = operations
        self.statement_log = statement_log
        self.etags = EntityTags(batch, is_minimal=is_minimal)
        self.knowledge: Knowledge | None = None
        self.refusals: dict[int, Exception] = {}
        """Operations refused by `check_permissions()`, by index."""
        self._unexpected: Exception | None = None
        self.traces = Traces(batch.viewset)
        self._running: OperationState | None = None
        self.is_alone = len(operations) == 1
        self.is_plain = failures.has_drfs_answers(batch.viewset)
        self._locale = ActiveLocale()
        self.user.forget()

    def get_depth(self, method: str) -> Depth:
        """Return the depth at which operations of a method are written."""
        route = self.paths.get_route(method)
        if route is None or method not in self.batch.offered:
            return Depth.SINGLY
        reasons = explain_method(self.viewset, method, [route])
        return Depth.SINGLY if reasons else Depth.SETS

    def run(
        self, operation: Operation, *, undo: Callable[[], None] | None = None
    ) -> Outcome:
        """Call the view of an operation.

        `undo` rolls back its writes. It is called before the project's exception
        handler, or after an error response.

        Raises:
            DatabaseUnavailable: the transaction cannot go on.
            Exception: whatever comes out of the view.
        """
        self.refusals.pop(operation.index, None)
        self._unexpected = None
        self._running = None
        if operation.problems:
            return self.fail(operation, problems.invalid(operation.problems))
        place = self.batch.get_place(operation)
        http, state = self.batch.open(operation, place)
        if self.knowledge is not None and self.knowledge.shared is not None:
            state.serializers = self.knowledge.shared
        state.undo = undo
        if operation.if_match is not None:
            state.precondition = Precondition(
                state, place, self.etags, self.statement_log
            )
        self._running = state
        try:
            response = call_view(place, http, state)
        except Exception as exc:
            self._note_refusal(state, exc)
            raise
        finally:
            self._note_traces(operation)
            state.view = None  # it may live on, with everything it holds
            self._locale.restore()
        outcome = self._read(state, response)
        if not outcome.ok:
            self._note_refusal(state, state.exception)
        return outcome

    def _note_refusal(self, state: OperationState, exc: Exception | None) -> None:
        """Record that an operation failed by its permissions.

        A refusal that the project's code caught, to admit the user after all, is not
        recorded.
        """
        if state.refusal is not None and exc is state.refusal:
            self.refusals[state.operation.index] = exc

    def tell_undone(self, operation: Operation, databases: Collection[str]) -> None:
        """Send `undone` for an operation whose writes were rolled back."""
        if databases:
            self._note_running(operation)
            self.traces.tell(operation, databases=databases)

    def _note_traces(self, operation: Operation) -> None:
        """Record an operation with writes that are not rolled back so far."""
        if self.statement_log.writes:
            self._note_running(operation)
        self._running = None

    def _note_running(self, operation: Operation) -> None:
        """Record the running operation, with its instance unless that was reported."""
        state, self._running = self._running, None
        if state is not None:
            self.traces.note(operation, _get_instance(state), key=state.key)
        elif operation.index not in self.traces:
            self.traces.note(operation)

    def finish(self, outcome: Outcome) -> None:
        """Release an operation's data, and discard what its writes made stale."""
        if self._unexpected is not None:
            failures.announce(self.batch, outcome.operation, exc=self._unexpected)
            self._unexpected = None
        writes = self.statement_log.writes  # after a failure: its handler's writes
        self.user.note(writes)
        if self.knowledge is not None:
            self.knowledge.finish(outcome)
            self.knowledge.note(writes)

    def explain(
        self, operation: Operation, exc: Exception, *, view: Any = None
    ) -> Outcome:
        """Return the outcome of an operation that raised.

        Call it outside the savepoint, while the exception is handled. `view` is the
        operation's view, if it was not called.
        """
        failure = failures.explain(exc, self.batch.bare)
        if failure is None:
            failure = failures.explain_unexpected(exc)
            failures.announce(self.batch, operation)
        elif (
            view is not None
            and isinstance(exc, _UNAUTHENTICATED)
            and not view.get_authenticate_header(view.request)
        ):
            failure = replace(failure, status=403)
        return self.fail(operation, failure)

    def fail(self, operation: Operation, failure: problems.Failure) -> Outcome:
        """Return the outcome of an operation that failed."""
        return problems.to_outcome(
            self.batch.allowance.cut(failure),
            operation=operation,
            href=self.get_href(operation),
        )

    def get_href(self, operation: Operation) -> str | None:
        """Return the path of the resource that an operation names."""
        return self.paths.get_href(operation.key)

    def forget_all(self) -> None:
        """Discard everything read in a transaction that was rolled back."""
        self.user.forget()
        self.knowledge = None

    def _read(self, state: OperationState, response: HttpResponseBase) -> Outcome:
        """Return the outcome that a response stands for."""
        operation = state.operation
        failure = failures.explain_call(state, response)
        if failure is not None:
            if failure.status >= 500 and state.exception is not None:
                self._unexpected = state.exception  # announced unless replayed
            return self.fail(operation, failure)
        data = _get_data(state, response)
        self._find_answered(state, response)
        is_delete = operation.method == "DELETE"
        return Outcome(
            operation=operation,
            status=response.status_code,
            href=self._get_href(state, response, data),
            etag=(
                None
                if is_delete
                else self.etags.get(state, data, self.statement_log.writes)
            ),
            data=data,
        )

    def _find_answered(self, state: OperationState, response: Any) -> None:
        """Find the serializer of the response, as an action may create further rows."""
        answered = getattr(getattr(response, "data", None), "serializer", None)
        model = get_model(self.viewset)
        if model and isinstance(getattr(answered, "instance", None), model):
            state.serializer = answered

    def _get_href(
        self, state: OperationState, response: HttpResponseBase, data: Any
    ) -> str | None:
        """Return the path of the resource after the operation.

        A create names it; a PATCH may rename it.
        """
        paths, operation = self.paths, state.operation
        if operation.method == "DELETE":
            return paths.get_href(operation.key)
        key = None
        instance = getattr(state.serializer, "instance", None)
        model = get_model(self.viewset)
        if instance is not None and (model is None or isinstance(instance, model)):
            key = paths.get_key(instance)
        elif isinstance(data, Mapping):
            named = data.get(get_key_name(self.viewset))
            if isinstance(named, str | int) and not isinstance(named, bool):
                key = str(named)
        return (
            paths.get_href(key)
            or paths.get_href(operation.key)
            or paths.get_located(response)
        )


def _get_instance(state: OperationState) -> Any:
    """Return the instance that an operation was about."""
    made = getattr(state.serializer, "instance", None)
    return state.instance if made is None else made


def _get_data(state: OperationState, response: HttpResponseBase) -> Any:
    """Return the representation in a response."""
    if not isinstance(response, Response):
        data = failures.read_json(response)
        return ABSENT if data is None else data
    data = response.data
    if data is None and (
        state.serializer is None or state.operation.method == "DELETE"
    ):
        return ABSENT
    return settle(data)
