"""The targets of a batch, in one query where its operations share a queryset."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Model, QuerySet
from rest_framework.viewsets import GenericViewSet

from multistatus_app.databases.statements import AnyWrite, StatementLog
from multistatus_app.overrides.deletions import get_referring
from multistatus_app.overrides.querysets import get_known, is_alike
from multistatus_app.sets.rows import Rows, get_plain_field


class Targets:
    """The targets of one method's operations, by key."""

    def __init__(self, keys: Iterable[str], statement_log: StatementLog) -> None:
        """Take the keys that will be asked for."""
        self.keys = list(dict.fromkeys(keys))
        self.statement_log = statement_log
        self._rows: Rows | None = None
        self._queryset: Any = None
        self._fetched = False

    def take(self, key: str) -> Any:
        """Give a target that was fetched, once, but not what is fetched beside it."""
        instance = None if self._rows is None else self._rows.get(key)
        self.forget(key)
        return instance

    def fetch(self, view: GenericViewSet[Any]) -> None:
        """Ask the database for all of them, once, as a view of one would."""
        if not self._fetched:
            self._fetched = True
            self._rows = self._fetch(view)

    def is_of(self, view: GenericViewSet[Any]) -> bool:
        """Whether a view would read from the queryset that was fetched from."""
        queryset = _build_queryset(view)
        return self._queryset is not None and is_alike(queryset, self._queryset)

    def get_all(self) -> list[Any]:
        """List the targets that were fetched."""
        return [] if self._rows is None else self._rows.get_all()

    @property
    def are_known(self) -> bool:
        """Whether they could be fetched together."""
        return self._rows is not None

    def is_missing(self, key: str) -> bool:
        """Whether no row has this key; False where that is in doubt."""
        return self._rows is not None and self._rows.is_missing(key)

    def forget(self, key: str) -> None:
        """Drop a target: it was handed out, or is not as it was fetched."""
        if self._rows is not None:
            self._rows.forget(key)

    def note(self, writes: Iterable[AnyWrite]) -> None:
        """Drop what the writes of an operation that succeeded may have changed."""
        if self._rows is not None:
            self._rows.note(writes)

    def _fetch(self, view: GenericViewSet[Any]) -> Rows | None:
        built = _build_queryset(view)
        queryset = get_known(built)
        if queryset is None:
            return None
        if view.request.method == "DELETE" and _may_lose_others(queryset):
            return None
        field = get_plain_field(queryset.model, view.lookup_field)
        if field is None or not field.unique:
            return None
        self._queryset = built
        names = built.query.select_related or {}
        joined = {*_get_joined(queryset.model, names)}
        if queryset.model._meta.db_table in joined:
            joined = set()  # operations before one may change what it refers to
        elif joined:
            # What permissions and representations follow is at hand then.
            queryset.query.select_related = names
        return Rows(queryset, field, self.keys, self.statement_log, joined=joined)


def _get_joined(model: type[Model], names: dict[str, Any]) -> Iterator[str]:
    """Yield the tables that `select_related()` joins."""
    for name, beyond in names.items():
        related: Any = model._meta.get_field(name).related_model
        yield related._meta.db_table
        yield from _get_joined(related, beyond)


def _may_lose_others(queryset: QuerySet[Model]) -> bool:
    """Whether deleting one row may change others, so that a filter leaves them out."""
    model = queryset.model
    return bool(queryset.query.where) and any(
        relation.related_model is model for relation in get_referring(model)
    )


def _build_queryset(view: GenericViewSet[Any]) -> Any:
    try:
        return view.filter_queryset(view.get_queryset())
    except Exception:  # it will be raised again where it belongs
        return None


def hand_over_user(user: Any, instance: Any) -> None:
    """Let an instance's relations to the request's user be that user."""
    for relation in instance._meta.concrete_fields:
        if (
            relation.is_relation
            and isinstance(user, relation.related_model)
            and not relation.is_cached(instance)
            and getattr(instance, relation.attname)
            == getattr(user, relation.target_field.attname)
        ):
            relation.set_cached_value(instance, user)
