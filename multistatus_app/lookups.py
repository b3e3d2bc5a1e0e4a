"""The related objects and unique values of a batch, one query per field.

They are put into the serializer that a batch shares. A lookup here may only accept: the
row is there, the value is free. Whatever it doubts, DRF's own query decides.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction
from rest_framework.fields import Field
from rest_framework.relations import (
    ManyRelatedField,
    PrimaryKeyRelatedField,
    SlugRelatedField,
)
from rest_framework.serializers import Serializer
from rest_framework.validators import UniqueValidator

from multistatus_app.journals import Journal, Write
from multistatus_app.outcomes import Operation
from multistatus_app.rows import (
    Rows,
    chunk_values,
    convert,
    convert_all,
    get_plain_field,
    is_exact,
    is_plain,
)


class Lookups:
    """What the fields of a batch's serializers look up."""

    def __init__(self, operations: Sequence[Operation], journal: Journal) -> None:
        """Take the operations whose values will be looked up."""
        self.operations = operations
        self.journal = journal
        self._known: dict[tuple[Any, ...], RelatedRows | UniqueValues] = {}

    def attach(self, serializer: Serializer[Any]) -> None:
        """Let the fields of a serializer, which nobody else has, look here first."""
        for name, field in serializer.fields.items():
            if field.read_only:
                continue
            values = list(self._get_values(name))
            if len(values) < 2:
                continue
            owner = (type(serializer), name)
            self._attach_relation(owner, field, values)
            self._attach_unique(owner, field, values)

    def note(self, writes: Sequence[Write]) -> None:
        """Drop what the writes of an operation that succeeded may have changed."""
        for known in self._known.values():
            known.note(writes)

    def _get_values(self, name: str) -> Iterator[Any]:
        for operation in self.operations:
            data = operation.data
            if isinstance(data, Mapping) and name in data and not operation.problems:
                yield data[name]

    def _attach_relation(
        self, owner: tuple[Any, ...], field: Any, values: list[Any]
    ) -> None:
        if type(field) is ManyRelatedField:
            lists = (each for each in values if isinstance(each, list))
            values = [value for each in lists for value in each]
            field = field.child_relation
        if type(field) is PrimaryKeyRelatedField and field.pk_field is None:
            name = "pk"
        elif type(field) is SlugRelatedField:
            name = field.slug_field
        else:
            return
        if owner not in self._known:
            queryset = field.get_queryset()
            column = is_plain(queryset) and get_plain_field(queryset.model, name)
            if not column or not is_exact(column, queryset.db):
                return
            self._known[owner] = RelatedRows(
                field.queryset, name, column, values, self.journal
            )
        field.queryset = self._known[owner]

    def _attach_unique(
        self, owner: tuple[Any, ...], field: Any, values: list[Any]
    ) -> None:
        field.validators = [
            self._get_validator((*owner, place), field, validator, values)
            for place, validator in enumerate(field.validators)
        ]

    def _get_validator(
        self, place: tuple[Any, ...], field: Any, validator: Any, values: list[Any]
    ) -> Any:
        """Return a validator, or one that looks here first in its place."""
        if type(validator) is not UniqueValidator or validator.lookup != "exact":
            return validator
        known = self._known.get(place)
        if not isinstance(known, UniqueValues):
            queryset = validator.queryset.all()
            column = is_plain(queryset) and get_plain_field(
                queryset.model, field.source or ""
            )
            if not column or not is_exact(column, queryset.db):
                return validator
            known = UniqueValues(queryset, column, values, self.journal)
            self._known[place] = known
        return KnownUniqueValidator(validator, known)


class RelatedRows:
    """In the place of a relation's queryset: `get()` from the rows of the batch.

    Everything else is the queryset's own.
    """

    def __init__(
        self,
        queryset: Any,
        name: str,
        column: Any,
        values: Iterable[Any],
        journal: Journal,
    ) -> None:
        """Fetch when first asked, so that a request of bad values costs nothing."""
        self._queryset = queryset
        self._name = name
        self._rows: Rows | None = None
        self._arguments = (column, list(values))
        self._journal = journal

    def get(self, **lookup: Any) -> Any:
        """Return one row, a copy of its own for each who asks.

        Raises:
            ObjectDoesNotExist: as the queryset does.
        """
        value = lookup.get(self._name)
        plain = len(lookup) == 1 and isinstance(value, str | int)
        if plain and not self._journal.writes:
            row = self._fetch().get(value)
            if row is not None:
                return copy.copy(row)
        return self._queryset.all().get(**lookup)

    def note(self, writes: Sequence[Write]) -> None:
        """Drop what writes may have changed."""
        if self._rows is not None:
            self._rows.note(writes)

    def __getattr__(self, name: str) -> Any:
        return getattr(vars(self)["_queryset"], name)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._queryset.all())

    def __contains__(self, row: object) -> bool:
        return row in self._queryset.all()

    def __len__(self) -> int:
        return len(self._queryset.all())

    def __getitem__(self, place: Any) -> Any:
        return self._queryset.all()[place]

    def _fetch(self) -> Rows:
        if self._rows is None:
            column, values = self._arguments
            plain = (each for each in values if isinstance(each, str | int))
            self._rows = Rows(self._queryset.all(), column, plain, self._journal)
        return self._rows


class UniqueValues:
    """Which of the batch's values of a unique column are taken, and by whom."""

    def __init__(
        self, queryset: Any, column: Any, values: Iterable[Any], journal: Journal
    ) -> None:
        """Fetch when first asked."""
        self.queryset = queryset
        self.column = column
        self.journal = journal
        self._values = values
        self._asked: set[Any] = set()
        self._taken: dict[Any, Any] | None = None

    def is_free(self, value: Any, instance: Any) -> bool:
        """Whether no row but this instance's has a value; False where in doubt."""
        if self.journal.writes:
            return False
        if self._taken is None:
            self._taken = self._fetch()
        if value not in self._asked:
            return False
        if value not in self._taken:
            return True
        owner = self._taken[value]
        return (
            owner is not None
            and isinstance(instance, self.queryset.model)
            and owner == instance.pk
        )

    def note(self, writes: Iterable[Write]) -> None:
        """Add the values that writes have taken; those they freed stay in doubt."""
        if self._taken is None:
            return
        for write in writes:
            if write.table is None or not self._note(write, self._taken):
                self._asked = set()

    def _note(self, write: Write, taken: dict[Any, Any]) -> bool:
        """Note one write; False where it cannot be read."""
        if write.table != self.queryset.model._meta.db_table:
            return True
        if write.is_delete:
            return True
        rows = write.get_rows()
        if rows is None:
            return False
        for row in rows:
            if self.column.column in row:
                taken[convert(self.column, row[self.column.column])] = None
            elif write.is_insert:
                return False  # the database chose the value
        return True

    def _fetch(self) -> dict[Any, Any]:
        using = self.queryset.db
        plain = (each for each in self._values if isinstance(each, str | int))
        stripped = (
            text
            for each in plain
            for text in ((each, each.strip()) if isinstance(each, str) else (each,))
        )
        asked = list(convert_all(self.column, stripped, using))
        name = self.column.attname
        taken: dict[Any, Any] = {}
        try:
            with transaction.atomic(using=using):
                for chunk in chunk_values(asked, using):
                    found = self.queryset.filter(**{f"{name}__in": chunk})
                    for pk, value in found.values_list("pk", name):
                        taken[value] = None if value in taken else pk
        except Exception:  # the validator's own query tells what is wrong
            return {}
        self._asked = set(asked)
        return taken


class KnownUniqueValidator(UniqueValidator):
    """DRF's, but that a value which is known to be free costs no query."""

    def __init__(self, validator: UniqueValidator, known: UniqueValues) -> None:
        """Take the place of a validator."""
        super().__init__(
            validator.queryset, message=validator.message, lookup=validator.lookup
        )
        self.known = known

    def __call__(self, value: Any, serializer_field: Field[Any, Any, Any, Any]) -> None:
        """Refuse a value that is taken, as DRF's does."""
        instance = getattr(serializer_field.parent, "instance", None)
        if not self.known.is_free(value, instance):
            super().__call__(value, serializer_field)
