"""What is answered to operations that were written together."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

from django.db.models import prefetch_related_objects

from multistatus_app.databases.statements import StatementRefused
from multistatus_app.handlers import Handler
from multistatus_app.handlers.representations import settle
from multistatus_app.outcomes import Outcome
from multistatus_app.requests.preconditions import get_representation_etag
from multistatus_app.sets.knowledge import Knowledge
from multistatus_app.sets.pending import PendingWrite

logger = logging.getLogger("multistatus_app")


class Answers:
    """Makes the outcomes of operations that were written.

    What is shown of one must not depend on those after it, which are written by now. So
    what is asked of the database is asked for all of them beforehand, and code of the
    project may ask for no more.
    """

    def __init__(self, handler: Handler, knowledge: Knowledge, using: str) -> None:
        """Answer for a handler."""
        self.handler = handler
        self.knowledge = knowledge
        self.using = using

    def get_deleted(self, accepted: Sequence[PendingWrite]) -> list[Outcome]:
        """Return the outcomes of what was deleted."""
        paths = self.handler.paths
        return [
            Outcome(
                operation=each.operation,
                status=204,
                href=paths.get_href(each.operation.key),
            )
            for each in accepted
        ]

    def get_saved(
        self, accepted: Sequence[PendingWrite], *, status: int, alone: bool = False
    ) -> list[Outcome]:
        """Return the outcomes of what was saved; of one alone all may be asked.

        Raises:
            StatementRefused: somebody asked the database.
            Exception: whatever the project's own code raises.
        """
        self._prefetch(accepted)
        outcomes = []
        statement_log = self.handler.statement_log
        with nullcontext() if alone else statement_log.forbidding():
            for each in accepted:
                data = self._represent(each)
                outcomes.append(
                    Outcome(
                        operation=each.operation,
                        status=status,
                        href=self._get_href(each),
                        etag=self._get_etag(each, data),
                        data=data,
                    )
                )
        if not alone and statement_log.refused:
            asker = statement_log.asker or "A representation"
            raise StatementRefused(f"{asker}, asks the database.")
        return outcomes

    def _prefetch(self, accepted: Sequence[PendingWrite]) -> None:
        """Fetch the related rows that are shown, once for all."""
        by_names: dict[tuple[str, ...], list[Any]] = {}
        for each in accepted:
            names = tuple(each.composed.shown)
            if names:
                by_names.setdefault(names, []).append(each.instance)
        for names, instances in by_names.items():
            for instance in instances:
                # As DRF does: what was prefetched is what was there before.
                vars(instance).pop("_prefetched_objects_cache", None)
            prefetch_related_objects(instances, *names)

    def _represent(self, each: PendingWrite) -> dict[str, Any]:
        composed = each.composed
        serializer: Any = each.serializer
        if serializer is not None:
            serializer.instance = each.instance
            vars(serializer).pop("_data", None)
        elif composed.represent is not None:
            data: dict[str, Any] = composed.represent(each.instance)
            return data
        else:
            serializer = self.knowledge.serializers.lend(
                each.view,
                each.instance,
                each.operation.data,
                partial=each.operation.method == "PATCH",
            )
            # As it would be just after `save()`.
            serializer._validated_data = dict(each.validated_data)
            serializer._errors = {}
        settled: dict[str, Any] = settle(serializer.data)
        return settled

    def _get_href(self, each: PendingWrite) -> str | None:
        paths = self.handler.paths
        key = paths.get_key(each.instance)
        href = None if key is None else paths.get_href(key)
        return href or paths.get_href(each.operation.key)

    def _get_etag(self, each: PendingWrite, data: Any) -> str | None:
        """Tell the tag of a GET, where it is free."""
        etags = self.handler.etags
        if etags.has_own:
            statement_log = self.handler.statement_log
            refused = statement_log.refused
            tag = etags.ask(each.operation, each.instance)
            statement_log.refused = refused  # a tag that asks the database is left out
            return tag
        if etags.is_minimal or not each.composed.is_tagged:
            return None
        if each.serializer is not None and not each.composed.is_shown(data):
            return None
        if not etags.is_stored_as_shown(
            each.operation.method or "", each.composed.serializer, each.instance
        ):
            return None
        return get_representation_etag(data)
