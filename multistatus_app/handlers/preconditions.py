"""`if_match`, compared with the tag that a GET gives, on a locked row."""

from __future__ import annotations

import copy
from typing import Any

from django.db import transaction
from django.http import Http404
from rest_framework.request import clone_request
from rest_framework.response import Response

from multistatus_app.databases.aliases import atomic
from multistatus_app.databases.locks import get_locked
from multistatus_app.databases.statements import StatementLog
from multistatus_app.handlers.calls import call_view
from multistatus_app.handlers.etags import EntityTags
from multistatus_app.handlers.paths import Place
from multistatus_app.handlers.states import OperationState
from multistatus_app.requests.preconditions import (
    PreconditionFailed,
    check_if_match,
    get_representation_etag,
    matches,
)


class Precondition:
    """Compares the `if_match` of one operation when its view asks for it."""

    def __init__(
        self,
        state: OperationState,
        place: Place,
        etags: EntityTags,
        statement_log: StatementLog,
    ) -> None:
        """`place` is that of the operation's resource."""
        self.state = state
        self.place = place
        self.etags = etags
        self.statement_log = statement_log
        self.is_missing = False

    def __call__(self, view: Any) -> None:
        """Compare the tags. The target is locked if the view can lock it.

        Raises:
            PreconditionFailed: the tags differ.
            Http404: there is no such resource.
            Exception: whatever `get_object()` of the view raises.
        """
        self.state.precondition = None
        instance = None
        if view is not None:
            instance = get_locked(view.get_object, view.bulk_lock or "wait")
        if self.state.operation.if_match == "*" and instance is not None:
            return
        current = self._ask_get()
        if self.is_missing and view is None:
            raise Http404
        tag = self.state.operation.if_match or ""
        if current is not None:
            check_if_match(tag, current=current)
        elif instance is None or not matches(
            tag, current=get_reader(view).get_etag(instance)
        ):
            # A user who may not read the resource is not told its current tag.
            raise PreconditionFailed(current=None)

    def _ask_get(self) -> str | None:
        """Return the tag of a GET, or None if there is none.

        Its writes, such as a count of views, are rolled back: a single request with
        `If-Match` would not make them.
        """
        statement_log = self.statement_log
        before = len(statement_log.writes)
        with atomic(statement_log.databases):
            tag = self._call_get()
            for alias in statement_log.databases:
                transaction.set_rollback(True, using=alias)
        del statement_log.writes[before:]
        return tag

    def _call_get(self) -> str | None:
        http, state = self.etags.batch.open(
            self.state.operation, self.place, method="GET"
        )
        try:
            response = call_view(self.place, http, state)
        except Exception:
            return None
        self.is_missing = response.status_code == 404
        if response.status_code != 200:
            return None
        if "ETag" in response.headers:
            return str(response.headers["ETag"])
        if self.etags.has_own and state.instance is not None:
            tag: str = state.view.get_etag(state.instance)
            return tag
        if isinstance(response, Response):
            return get_representation_etag(response.data)
        return get_representation_etag(getattr(response, "content", b"").hex())


def get_reader(view: Any) -> Any:
    """Return a copy of a view as it would be for the GET of the same resource."""
    reader = copy.copy(view)
    reader.action = "retrieve"
    reader.request = clone_request(view.request, "GET")
    return reader
