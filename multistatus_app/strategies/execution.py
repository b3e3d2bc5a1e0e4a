"""Chooses strategy, databases and policy for the operations of one request."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from multistatus_app.databases.aliases import get_databases, running_batch
from multistatus_app.databases.statements import StatementLog
from multistatus_app.handlers import Handler
from multistatus_app.outcomes import MultiStatus, Operation
from multistatus_app.overrides.decisions import get_writing_reasons
from multistatus_app.overrides.origins import is_inherited
from multistatus_app.requests.options import Options
from multistatus_app.settings import get_setting
from multistatus_app.strategies.alone import Alone
from multistatus_app.strategies.base import Strategy
from multistatus_app.strategies.per_group import PerGroup
from multistatus_app.strategies.per_operation import PerOperation
from multistatus_app.strategies.set_based import SetBased
from multistatus_app.strategies.transactions import Policy, execute


class Execution:
    """Runs the operations of one request to one of our routes."""

    def __init__(self, view: Any, asked: Sequence[Operation], options: Options) -> None:
        """Take the view of our route and the operations it was sent."""
        self.view = view
        self.bare = view.bare
        self.batch = view.batch
        self.asked = asked
        self.options = options
        self.refusals: dict[int, Exception] = {}
        """The refusals of `check_permissions()`, by the index of the operation."""

    def run(self) -> tuple[MultiStatus, dict[int, Exception]]:
        """Run the operations. Return the document, and the refused operations.

        Raises:
            DatabaseUnavailable: nothing is kept.
        """
        databases = self._get_databases()
        if self.options.atomic or self.options.dry_run:
            # on_commit callbacks without `using` go there, and must not run at once.
            databases = tuple(dict.fromkeys([*databases, DEFAULT_DB_ALIAS]))
        self.batch.serializers.pays = len(self.asked) > 1
        policy = Policy(
            atomic=self.options.atomic,
            dry_run=self.options.dry_run,
            commit_every=self.bare.bulk_commit_every,
            get_retries=self._get_retries,
        )

        def make_handler(chunk: Sequence[Operation]) -> Handler:
            statement_log = StatementLog(databases)
            handler = Handler(
                self.batch, chunk, statement_log, is_minimal=self.options.minimal
            )
            handler.refusals = self.refusals
            return handler

        try:
            with running_batch():
                document = execute(
                    self.asked,
                    make_handler,
                    strategy=self._get_strategy(databases),
                    databases=databases,
                    policy=policy,
                )
        finally:
            self.batch.throttles.save()
        return document, self.refusals

    def _get_retries(self) -> int:
        """Return how often to retry.

        Without `bulk_replayable` there are no retries if others may know of writes that
        a deadlock undid.
        """
        retries: int = self.bare.bulk_retries
        if not retries or self.bare.bulk_replayable:
            return retries
        methods = {each.method for each in self.asked} & {*self.view.offered}
        viewset = self.view.viewset
        writes = any(get_writing_reasons(viewset, str(method)) for method in methods)
        return 0 if writes else retries

    def _get_strategy(self, databases: Sequence[str]) -> Strategy:
        is_undone = self.options.atomic or self.options.dry_run
        if self.bare.bulk_commit_every == 1 and not is_undone:
            return Alone(databases)
        singly = PerGroup if self.bare.bulk_replayable else PerOperation
        strategy: Strategy = singly(databases)
        smallest = get_setting("MIN_SET_SIZE")
        if smallest is None or len(self.asked) < smallest:
            return strategy
        return SetBased(databases, strategy, smallest=smallest)

    def _get_databases(self) -> tuple[str, ...]:
        """Return the databases that the operations write to.

        If `get_queryset()` is DRF's, they follow from the class. Otherwise an operation
        of each method is asked until one answers.
        """
        if len([*connections]) == 1 or is_inherited(self.view.viewset, "get_queryset"):
            return get_databases(self.bare)
        refused: set[str | None] = {None}
        for operation in self.asked:
            if operation.method in refused:
                continue
            # An exception here is raised again, and answered, when the operation runs.
            with suppress(Exception):
                view = self.batch.get_view(operation)
                refused.add(operation.method)  # asking for each operation may be slow
                return get_databases(view, asks_hook=True)
        return get_databases(self.bare)
