"""The targets of a batch, in one query where its operations share a queryset."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from django.db.models import Model, QuerySet
from rest_framework.request import Request, clone_request

from multistatus_app.journals import AnyWrite, Journal
from multistatus_app.querysets import get_known
from multistatus_app.rows import Rows, get_plain_field

if TYPE_CHECKING:
    from multistatus_app.mixins import BulkModelMixin


class Targets:
    """The targets of one method's operations, by key."""

    def __init__(self, keys: Iterable[str], journal: Journal) -> None:
        """Take the keys that will be asked for."""
        self.keys = list(dict.fromkeys(keys))
        self.journal = journal
        self._rows: Rows | None = None
        self._fetched = False

    def take(self, key: str) -> Any:
        """Give a target that was fetched, once, but not what is fetched beside it."""
        instance = None if self._rows is None else self._rows.get(key)
        self.forget(key)
        return instance

    def fetch(self, view: BulkModelMixin) -> None:
        """Ask the database for all of them, once, as a view of one would."""
        if not self._fetched:
            self._fetched = True
            self._rows = self._fetch(view)

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

    def _fetch(self, view: BulkModelMixin) -> Rows | None:
        queryset = get_known(_build_queryset(view, self.journal))
        if queryset is None:
            return None
        field = get_plain_field(queryset.model, view.lookup_field)
        if field is None or not field.unique:
            return None
        return Rows(queryset, field, self.keys, self.journal)


class WatchedKwargs(dict[str, Any]):
    """The kwargs of a view, which tell whether anybody looked at the key."""

    def __init__(self, kwargs: dict[str, Any], key: str) -> None:
        """Watch one name of them."""
        super().__init__(kwargs)
        self.key = key
        self.was_read = False

    def __getitem__(self, name: str) -> Any:
        self.was_read |= name == self.key
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self.was_read |= name == self.key
        return super().__contains__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """Return a value, as a dict does."""
        self.was_read |= name == self.key
        return super().get(name, default)

    def pop(self, name: str, *default: Any) -> Any:
        """Take a value, as a dict does."""
        self.was_read |= name == self.key
        return super().pop(name, *default)

    def setdefault(self, name: str, default: Any = None) -> Any:
        """Return a value, as a dict does."""
        self.was_read |= name == self.key
        return super().setdefault(name, default)

    def __iter__(self) -> Iterator[str]:
        self.was_read = True
        return super().__iter__()

    def items(self) -> Any:
        """Return the pairs, as a dict does."""
        self.was_read = True
        return super().items()

    def values(self) -> Any:
        """Return the values, as a dict does."""
        self.was_read = True
        return super().values()

    def keys(self) -> Any:
        """Return the names, as a dict does; `**kwargs` asks for them too."""
        self.was_read = True
        return super().keys()

    def copy(self) -> dict[str, Any]:
        """Return a copy, which nobody watches."""
        self.was_read = True
        return super().copy()


def _build_queryset(view: BulkModelMixin, journal: Journal) -> QuerySet[Model] | None:
    """Return the queryset that all operations of this method share.

    None where it is not one: hooks look at the key, at the data, or at the database.
    """
    request, kwargs = view.request, view.kwargs
    watched = WatchedKwargs(kwargs, view.lookup_url_kwarg or view.lookup_field)
    probe = _get_probe(request, watched)
    statements = journal.statements
    attributes = _get_attributes(view)
    view.request, view.kwargs = probe, watched
    try:
        queryset = view.filter_queryset(view.get_queryset())
    except Exception:  # it will be raised again where it belongs
        return None
    finally:
        view.request, view.kwargs = request, kwargs
    if _get_attributes(view) != attributes:
        return None  # what a hook notes on the view is there for each operation
    looked = watched.was_read or _was_parsed(probe)
    if looked or journal.statements != statements:
        return None
    return queryset


def _get_probe(request: Any, kwargs: WatchedKwargs) -> Any:
    """Return a copy of the request that tells whether anybody looked at its data."""
    probe: Any = clone_request(request, request.method)
    vars(probe).update(vars(request))
    blank: Any = Request(request._request)
    probe._data, probe._full_data = blank._data, blank._full_data
    probe._stream = None
    probe.parser_context = request.parser_context | {"kwargs": kwargs}
    return probe


def _was_parsed(probe: Any) -> bool:
    blank: Any = Request(probe._request)
    return probe._full_data is not blank._full_data


def _get_attributes(view: BulkModelMixin) -> dict[str, int]:
    """Return which objects the attributes of a view are."""
    return {name: id(value) for name, value in vars(view).items()}
