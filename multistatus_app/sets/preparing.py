"""One operation, up to where it would be written: allowed, found and validated.

Nothing here may ask the database, because earlier operations are not written yet. What
does so is a doubt, and so is all that cannot be decided without it.
"""

from __future__ import annotations

import logging
from typing import Any, Final

from django.db import connections, router, transaction
from django.http import Http404
from rest_framework.permissions import BasePermission
from rest_framework.viewsets import GenericViewSet

from multistatus_app import problems
from multistatus_app.handlers import (
    Handler,
    get_state,
    has_drfs_exception_handling,
)
from multistatus_app.handlers.users import copy_permissions
from multistatus_app.outcomes import Operation, Outcome
from multistatus_app.overrides.hooks import RecordedSave
from multistatus_app.overrides.origins import is_inherited
from multistatus_app.overrides.receivers import get_receivers
from multistatus_app.overrides.viewsets import (
    get_bulk_hook,
    get_hook,
    get_sharing_reasons,
    has_own_queryset,
)
from multistatus_app.requests.endpoints import get_model
from multistatus_app.sets.claims import Claims
from multistatus_app.sets.composing import Composed, Unsuitable, compose
from multistatus_app.sets.knowledge import Knowledge
from multistatus_app.sets.pending import Doubt, PendingWrite, SetSize, Validated
from multistatus_app.sets.rows import get_plain_field, get_values
from multistatus_app.sets.suitability import check_model, check_view
from multistatus_app.sets.targets import hand_over_user
from multistatus_app.sets.uniques import UniqueValues
from multistatus_app.sets.verdicts import DOUBT

logger = logging.getLogger("multistatus_app")

# What `initial()` finds out about a request, beside who may make it.
_NEGOTIATED: Final = (
    "accepted_renderer",
    "accepted_media_type",
    "version",
    "versioning_scheme",
)
# Doubts after which it is no longer tried, if they are the greater part.
_PATIENCE: Final = 10


class Preparation:
    """Prepares the operations of one method of a request."""

    def __init__(
        self, handler: Handler, knowledge: Knowledge, operation: Operation
    ) -> None:
        """Find out, with the first operation, how they are to be prepared.

        Raises:
            Unsuitable: they have to be run one by one.
            Exception: whatever the view raises.
        """
        self.handler = handler
        self.knowledge = knowledge
        self.method = operation.method or ""
        batch = handler.batch
        viewset = batch.viewset
        self.using = handler.statement_log.databases[0]
        self.bulk_hook = get_bulk_hook(viewset, self.method)
        self.hook = None if self.bulk_hook else get_hook(viewset, self.method)
        self.is_partial = self.method == "PATCH"
        self.written: dict[str, Any] = {}
        self._doubts = self._accepted = 0
        self._is_expected = False
        self._composed: dict[type, Composed] = {}
        self._claims = Claims()
        self.size = SetSize()
        view = batch.get_view(operation)
        self._lend(view)
        is_shareable = not any(get_sharing_reasons(view))
        self._compares_querysets = self.method != "POST" and has_own_queryset(
            type(view)
        )
        is_shareable = is_shareable and not self._compares_querysets
        self.model = get_model(view)
        check_view(view)
        check_model(self.model, self.method, handler, self.using)
        is_stock_serializer = True
        if self.method != "DELETE" and is_shareable:
            composed = self._compose(view.get_serializer_class(), view)
            is_stock_serializer = composed.is_stock and composed.represent is not None
        before = len(handler.statement_log.writes)
        view.initial(view.request, *view.args, **view.kwargs)
        if len(handler.statement_log.writes) > before:
            raise Unsuitable("What comes before the action writes.")
        self._first = self._used = view
        self._first_operation = operation
        self._is_shareable = is_shareable
        self.explains = has_drfs_exception_handling(view)
        self.targets = self.knowledge.targets.get(self.method)
        if self.method != "POST":
            if self.targets is None:
                raise Unsuitable("The targets cannot be fetched together.")
            self.targets.fetch(view)
            if not self.targets.are_known:
                raise Unsuitable("The targets cannot be fetched together.")
            for known in self._get_uniques():
                if len(known.columns) > 1:
                    known.add(self.targets.get_all())
            for each in self._composed.values():
                for columns in each.compared:
                    self._claims.add(columns, self.targets.get_all())
        lookup = get_plain_field(self.model, view.lookup_field)
        self._lookup_column = lookup and lookup.attname
        self._columns = {
            name: each
            for each in self.model._meta.concrete_fields
            for name in (each.name, each.attname)
        }
        self.knowledge.lookups.fetch()
        verb = "delete" if self.method == "DELETE" else "save"
        self._is_received = any(
            any(get_receivers(f"{when}_{verb}", self.model)) for when in ("pre", "post")
        )
        self._view: GenericViewSet[Any] | None = None
        self._checks_objects = any(
            not is_inherited(type(each), "has_object_permission", BasePermission)
            for each in view.get_permissions()
        )
        is_stock_view = is_shareable and not self._checks_objects
        if is_stock_serializer and is_stock_view and self.hook is None:
            self._view = view
        if self._is_received and not self.bulk_hook:
            self.size.limit()

    @property
    def is_heard_of(self) -> bool:
        """Whether code of the project runs that may tell others what is written."""
        return self._view is None or self.bulk_hook is not None or self._is_received

    @property
    def is_hopeless(self) -> bool:
        """Whether most operations are doubted, so that trying does not pay."""
        return self._doubts >= _PATIENCE and self._doubts > self._accepted

    def give_up(self) -> None:
        """Try no more: what was accepted could not be kept together."""
        self._doubts += _PATIENCE + self._accepted

    def settle(self) -> None:
        """Expect nothing more: what was accepted has been written, and noted."""
        self._is_expected = False
        self.written = {}
        self.knowledge.lookups.settle()

    def prepare(self, operation: Operation) -> PendingWrite | Outcome | None:
        """Return an operation that is to be written, or the outcome of one that failed.

        None where that is in doubt: nothing of it has happened.
        """
        statement_log = self.handler.statement_log
        statement_log.writes.clear()
        connection: Any = connections[self.using]
        callbacks: list[Any] = connection.run_on_commit
        before = len(callbacks)
        result: PendingWrite | Outcome | None = None
        try:
            with statement_log.forbidding():
                result = self._prepare(operation)
        except Doubt:
            pass
        except Exception as exc:
            is_final = self.hook is not None or problems.is_expected(exc)
            if not statement_log.refused and self.explains and is_final:
                result = self._explain(operation, exc)
        marked = transaction.get_rollback(using=self.using)
        if statement_log.refused or len(callbacks) != before or marked:
            # What it would have been told, it was not told; what it did is undone.
            result = None
            del callbacks[before:]
            transaction.set_rollback(False, using=self.using)
        if self._count(result):
            asker = statement_log.asker
            logger.debug(
                "%s operations are run one by one: most are in doubt%s",
                self.method,
                f", as {asker}, asks the database." if asker else ".",
            )
        if isinstance(result, Outcome):
            self.handler.finish(result)
        return result

    def _explain(self, operation: Operation, exc: Exception) -> Outcome:
        view = self._used
        state = get_state(view.request)
        if state is not None and state.refusal is exc:
            self.handler.refusals[operation.index] = exc
        return self.handler.explain(operation, exc, view=view)

    def _count(self, result: PendingWrite | Outcome | None) -> bool:
        """Count an operation. Return True if it is the one that makes it hopeless."""
        was_hopeless = self.is_hopeless
        self._doubts += result is None
        self._accepted += result is not None
        return self.is_hopeless and not was_hopeless

    def _prepare(self, operation: Operation) -> PendingWrite:
        view = self._get_view(operation)
        instance = None
        if self.method != "POST":
            instance = self._get_target(view, operation)
        if self.method == "DELETE":
            return PendingWrite(operation, instance, view, {})
        composed, values, serializer = self._validate(view, operation, instance)
        saved = self._call_hook(view, values)
        everything = dict(saved)
        many = {name: list(saved.pop(name)) for name in composed.many if name in saved}
        if not saved.keys() <= self._columns.keys():
            raise Doubt
        if instance is None:
            instance = self.model(**saved)
            for known in self._get_uniques():
                known.claim(known.normalize(known.get_value(instance)))
        else:
            self._change(instance, saved, composed)
        if router.db_for_write(self.model, instance=instance) != self.using:
            raise Doubt
        if not self._is_expected:
            self._is_expected = True
            self.knowledge.lookups.expect(
                self.model,
                new=self.method == "POST",
                # Code of a project's own may see more of a related row than its key.
                by_key=self._view is not None,
            )
        return PendingWrite(
            operation, instance, view, values, everything, many, composed, serializer
        )

    def _get_view(self, operation: Operation) -> Any:
        """Return the view of an operation, allowed, or that of all of them."""
        view: Any = self._view
        self._used = view or self._first
        if not self.handler.paths.has_route(operation.key):
            raise Doubt
        if view is not None:
            self._charge(view, operation)
            return view
        if self._first_operation is operation and not self._accepted:
            return self._first
        view = self._used = self.handler.batch.get_view(operation)
        # Permissions that were looked up once are known to all.
        copy_permissions(self._first.request.user, view.request.user)
        if self._is_shareable:
            # Allowed if the first one is, and negotiated as it is.
            for name in _NEGOTIATED:
                setattr(view.request, name, getattr(self._first.request, name))
            view.check_throttles(view.request)
        else:
            view.initial(view.request, *view.args, **view.kwargs)
        self._lend(view)
        return view

    def _charge(self, view: Any, operation: Operation) -> None:
        """Ask the throttles for an operation whose view all of them share."""
        state: Any = get_state(view.request)
        mine, state.operation = state.operation, operation
        try:
            view.check_throttles(view.request)
        finally:
            state.operation = mine

    def _lend(self, view: Any) -> None:
        """Let a view use the serializers of the batch."""
        state: Any = get_state(view.request)
        state.serializers = self.knowledge.serializers

    def _get_target(self, view: GenericViewSet[Any], operation: Operation) -> Any:
        key = operation.key or ""
        if self._compares_querysets and not (self.targets and self.targets.is_of(view)):
            raise Doubt
        instance = self.targets.take(key) if self.targets else None
        if instance is None:
            if self.targets is None or not self.targets.is_missing(key):
                raise Doubt
            if self._lookup_column in self.written:
                raise Doubt  # one before it may have been given the key
            # The words of `get_object_or_404`.
            name = self.model._meta.object_name
            raise Http404(f"No {name} matches the given query.")
        if type(instance) is not self.model or instance.get_deferred_fields():
            raise Doubt
        if self._view is None:
            hand_over_user(view.request.user, instance)
        if self._checks_objects:
            view.check_object_permissions(view.request, instance)
        return instance

    def _validate(
        self, view: GenericViewSet[Any], operation: Operation, instance: Any
    ) -> tuple[Composed, dict[str, Any], Any]:
        if view is self._view:
            [composed] = self._composed.values()
            data: Any = operation.data
        else:
            composed = self._get_composed(view)
            data = view.request.data
        if composed.accept is not None:
            values = composed.accept(data, instance)
            if values is not DOUBT:
                return composed, values, None
        arguments: list[Any] = [] if instance is None else [instance]
        options = {} if self.method == "POST" else {"partial": self.is_partial}
        try:
            serializer: Any = view.get_serializer(*arguments, data=data, **options)
            serializer.is_valid(raise_exception=True)
            own = None if composed.is_stock else serializer
            return composed, dict(serializer.validated_data), own
        finally:
            state: Any = get_state(view.request)
            state.serializer = None

    def _get_composed(self, view: GenericViewSet[Any]) -> Composed:
        cls = view.get_serializer_class()
        if cls in self._composed:
            return self._composed[cls]
        if self._is_expected:
            raise Doubt  # what is looked up now does not know of what is pending
        try:
            with self.handler.statement_log.allowing():
                composed = self._compose(cls, view)
                self.knowledge.lookups.fetch()
        except Unsuitable:
            self.give_up()
            raise Doubt from None
        return composed

    def _call_hook(
        self, view: GenericViewSet[Any], values: dict[str, Any]
    ) -> dict[str, Any]:
        """Return what would be saved: what was validated, and what the hook adds."""
        if self.hook is None:
            return dict(values)
        serializer: Any = Validated(values, view)
        recorded = RecordedSave(serializer)
        getattr(view, self.hook)(recorded)
        if not recorded.is_plain:
            raise Doubt
        return values | (recorded.values or {})

    def _change(self, instance: Any, saved: dict[str, Any], composed: Composed) -> None:
        """Give an instance its new values, as `ModelSerializer.update` does."""
        for name, value in saved.items():
            column = self._columns[name].name
            if column in composed.unguarded and getattr(instance, name) != value:
                raise Doubt
        uniques = self._get_uniques()
        before = [known.get_value(instance) for known in uniques]
        compared = [
            (columns, get_values(instance, columns)) for columns in composed.compared
        ]
        for name, value in saved.items():
            setattr(instance, name, value)
            column = self._columns[name]
            self.written[column.attname] = column
        for columns, value in compared:
            self._claims.claim(columns, value, get_values(instance, columns))
        for known, old in zip(uniques, before, strict=True):
            new = known.get_value(instance)
            if new == old:
                continue
            if not known.is_free_or_null(new, instance):
                raise Doubt  # no validator has asked for it
            known.release(old)
            known.claim(known.normalize(new))

    def _get_uniques(self) -> list[UniqueValues]:
        return self.knowledge.lookups.get_uniques(self.model)

    def _compose(self, cls: Any, view: GenericViewSet[Any]) -> Composed:
        composed = self._composed[cls] = compose(
            cls, view, self.model, self.knowledge, self.handler.etags, self.method
        )
        if composed.represent is None and not self.bulk_hook:
            self.size.limit()
        return composed
