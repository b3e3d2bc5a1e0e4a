"""What is answered to operations that were written together."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from django.db import Error as DatabaseException
from django.db.models import prefetch_related_objects
from rest_framework.fields import empty

from multistatus_app.handlers import Handler
from multistatus_app.journals import StatementRefused
from multistatus_app.members import filter_among
from multistatus_app.outcomes import Outcome
from multistatus_app.preconditions import get_representation_etag
from multistatus_app.rows import is_plain
from multistatus_app.sets.preparing import Accepted
from multistatus_app.stock import get_provider

if TYPE_CHECKING:
    from multistatus_app.mixins import BulkModelMixin

logger = logging.getLogger("multistatus_app")


class Answers:
    """Makes the outcomes of operations that were written.

    What is shown of one must not depend on those after it, which are written by now. So
    what is asked of the database is asked for all of them beforehand, and code of the
    project may ask for no more.
    """

    def __init__(self, handler: Handler, using: str) -> None:
        """Answer for a handler."""
        self.handler = handler
        self.using = using

    def get_deleted(self, accepted: Sequence[Accepted]) -> list[Outcome]:
        """Return the outcomes of what was deleted."""
        paths = self.handler.singles.paths
        return [
            Outcome(
                operation=each.operation,
                status=204,
                href=paths.get_href(each.operation.key),
            )
            for each in accepted
        ]

    def get_saved(
        self, accepted: Sequence[Accepted], *, status: int, alone: bool = False
    ) -> list[Outcome]:
        """Return the outcomes of what was saved; of one alone all may be asked.

        Raises:
            StatementRefused: somebody asked the database.
            Exception: whatever the project's own code raises.
        """
        self._prefetch(accepted)
        read = self._read(accepted)
        outcomes = []
        journal = self.handler.journal
        with nullcontext() if alone else journal.forbidding():
            for each in accepted:
                data = self._represent(each)
                outcomes.append(
                    Outcome(
                        operation=each.operation,
                        status=status,
                        href=self._get_href(each),
                        etag=self._get_etag(each, data, read),
                        data=data,
                    )
                )
        if not alone and journal.refused:
            raise StatementRefused("A representation asks the database.")
        return outcomes

    def _prefetch(self, accepted: Sequence[Accepted]) -> None:
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

    def _represent(self, each: Accepted) -> dict[str, Any]:
        composed = each.composed
        if composed.represent is not None:
            data: dict[str, Any] = composed.represent(each.instance)
            return data
        serializer: Any = self.handler.serializers.lend(
            each.view,
            each.instance,
            each.operation.data,
            partial=each.operation.method == "PATCH",
        )
        # As it would be just after `save()`.
        serializer._validated_data = dict(each.validated_data)
        serializer._errors = {}
        return dict(serializer.data)

    def _get_href(self, each: Accepted) -> str | None:
        paths = self.handler.singles.paths
        key = paths.get_key(each.instance)
        href = None if key is None else paths.get_href(key)
        return href or paths.get_href(each.operation.key)

    def _get_etag(
        self, each: Accepted, data: Any, read: dict[Any, Any] | None
    ) -> str | None:
        if each.composed.is_tagged:
            return get_representation_etag(data)
        try:
            return self._get_own_etag(each, read)
        except (DatabaseException, StatementRefused):
            raise
        except Exception:  # nobody may be able to read what was written
            logger.warning("A result has no entity tag.", exc_info=True)
            return None

    def _get_own_etag(self, each: Accepted, read: dict[Any, Any] | None) -> str:
        """Return the tag that the GET would give."""
        singles = self.handler.singles
        reader = singles.get_view(each.operation, method="GET")
        if read is None:
            return reader.get_etag(each.instance)
        instance = read.get(each.instance.pk, each.instance)
        lent = self.handler.serializers.lend(reader, instance, empty, partial=False)
        serializer = lent or reader.get_serializer(instance)
        return get_representation_etag(serializer.data)

    def _read(self, accepted: Sequence[Accepted]) -> dict[Any, Any] | None:
        """Return the rows as the GET reads them, by key, where its tag is of those."""
        asked = [each for each in accepted if not each.composed.is_tagged]
        viewset = self.handler.singles.viewset
        if not asked or get_provider(viewset, "get_etag") is not None:
            return None
        reader = self.handler.singles.get_view(asked[0].operation, method="GET")
        return {row.pk: row for row in self._select(reader, asked)}

    def _select(
        self, reader: BulkModelMixin, asked: Sequence[Accepted]
    ) -> Iterator[Any]:
        queryset = reader.filter_queryset(reader.get_queryset())
        if not is_plain(queryset):
            raise StatementRefused("The rows that a GET shows are read one by one.")
        keys = [each.instance.pk for each in asked]
        for found in filter_among(queryset, "pk", keys, self.using):
            yield from found
