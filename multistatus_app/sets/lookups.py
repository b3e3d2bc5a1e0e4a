"""The related objects and unique values of a batch, one query per field.

They are put into the serializer that a batch shares. A lookup here may only accept: the
row is there, the value is free. Whatever it doubts, DRF's own query decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Model
from rest_framework.fields import CurrentUserDefault, HiddenField
from rest_framework.relations import (
    ManyRelatedField,
    PrimaryKeyRelatedField,
    RelatedField,
    SlugRelatedField,
)
from rest_framework.serializers import Serializer
from rest_framework.validators import UniqueTogetherValidator, UniqueValidator

from multistatus_app.databases.statements import AnyWrite, StatementLog
from multistatus_app.handlers.users import rebuild
from multistatus_app.outcomes import Operation
from multistatus_app.overrides.origins import has_drfs
from multistatus_app.overrides.querysets import get_whole
from multistatus_app.sets.rows import (
    INTEGERS,
    Rows,
    get_column,
    get_plain_field,
    is_exact,
)
from multistatus_app.sets.uniques import (
    KnownUniqueTogetherValidator,
    KnownUniqueValidator,
    UniqueValues,
    can_be_known,
)


class Lookups:
    """What the fields of a batch's serializers look up."""

    def __init__(
        self, operations: Sequence[Operation], statement_log: StatementLog
    ) -> None:
        """Take the operations whose values will be looked up."""
        self.operations = operations
        self.statement_log = statement_log
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
        self._attach_unique_together(serializer)

    def fetch(self) -> None:
        """Ask now for all that the fields of the serializers so far will look up."""
        for known in self._known.values():
            known.fetch()

    def get_uniques(self, model: type[Model]) -> list[UniqueValues]:
        """Return what is known of the unique values of a model."""
        return [
            known
            for known in self._known.values()
            if isinstance(known, UniqueValues) and known.queryset.model is model
        ]

    def expect(self, model: type[Model], *, new: bool, by_key: bool) -> None:
        """Doubt what will be different once rows of a model have been written.

        With `by_key` nothing but the key of a related row is looked at.
        """
        for known in self._get_related():
            known.expect(model._meta.db_table, new=new, by_key=by_key)

    def settle(self) -> None:
        """Forget what was expected and claimed: it has been written and noted."""
        for known in self._known.values():
            known.settle()

    def note(self, writes: Sequence[AnyWrite]) -> None:
        """Drop what the writes of an operation that succeeded may have changed."""
        for known in self._known.values():
            known.note(writes)

    def _is_logged(self, queryset: Any) -> bool:
        """Whether writes to the database of a queryset are seen."""
        return queryset.db in self.statement_log.databases

    def _get_related(self) -> Iterator[RelatedRows]:
        for known in self._known.values():
            if isinstance(known, RelatedRows):
                yield known

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
            queryset = get_whole(field.get_queryset())
            if queryset is None or not self._is_logged(queryset):
                return
            column = get_plain_field(queryset.model, name)
            if column is None or not is_exact(column, queryset.db):
                return
            self._known[owner] = RelatedRows(
                field.queryset, queryset, name, column, values, self.statement_log
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
        known = self._get_unique(place, validator, [field.source], [values])
        return validator if known is None else KnownUniqueValidator(validator, known)

    def _attach_unique_together(self, serializer: Serializer[Any]) -> None:
        serializer.validators = [
            self._get_validator_of_many((type(serializer), place), serializer, each)
            for place, each in enumerate(serializer.validators)
        ]

    def _get_validator_of_many(
        self, place: tuple[Any, ...], serializer: Serializer[Any], validator: Any
    ) -> Any:
        if type(validator) is not UniqueTogetherValidator:
            return validator
        fields = [serializer.fields.get(name) for name in validator.fields]
        if len(fields) < 2 or None in fields:
            return validator
        sources = [str(field.source) for field in fields if field]
        values = [list(self._get_values(name)) for name in validator.fields]
        known = self._get_unique(place, validator, sources, values)
        if known is None:
            return validator
        for index, field in enumerate(fields):
            related = getattr(field, "queryset", None)
            if isinstance(related, RelatedRows) and type(field) is SlugRelatedField:
                known.add_relation(index, related)
            elif field is not None and _is_current_user(field):
                known.add_value(index, field.get_default())
        return KnownUniqueTogetherValidator(validator, known, sources)

    def _get_unique(
        self,
        place: tuple[Any, ...],
        validator: Any,
        sources: Sequence[str],
        values: Sequence[list[Any]],
    ) -> UniqueValues | None:
        """Return what is known of the columns of a validator; None where none can be"""
        known = self._known.get(place)
        if isinstance(known, UniqueValues):
            return known
        queryset = get_whole(validator.queryset)
        if queryset is None or not self._is_logged(queryset):
            return None
        columns = [get_column(queryset.model, source) for source in sources]
        if not all(each and can_be_known(each, queryset.db) for each in columns):
            return None
        known = self._known[place] = UniqueValues(
            queryset, columns, values, self.statement_log
        )
        return known


def _is_current_user(field: Any) -> bool:
    """Whether a field is not sent, and has the user of the request as its value."""
    return type(field) is HiddenField and type(field.default) is CurrentUserDefault


def explain_unknown(serializer: Serializer[Any]) -> Iterator[str]:
    """Yield which fields and validators look at other rows than those of a table."""
    for name, field in serializer.fields.items():
        if field.read_only:
            continue
        for validator in field.validators:
            if _is_unknown(validator):
                yield f"{name} has a validator of some rows alone"
        relation = getattr(field, "child_relation", field)
        if isinstance(relation, RelatedField) and (
            type(relation).get_queryset is not RelatedField.get_queryset
            or get_whole(relation.get_queryset()) is None
        ):
            yield f"{name} refers to some rows alone"
    if any(map(_is_unknown, serializer.validators)):
        yield "there is a validator of some rows alone"


def _is_unknown(validator: Any) -> bool:
    queryset = getattr(validator, "queryset", None)
    return queryset is not None and (
        get_whole(queryset) is None or not has_drfs(type(validator), "__call__")
    )


class RelatedRows:
    """In the place of a relation's queryset: `get()` from the rows of the batch.

    Everything else is the queryset's own.
    """

    def __init__(
        self,
        queryset: Any,
        whole: Any,
        name: str,
        column: Any,
        values: Iterable[Any],
        statement_log: StatementLog,
    ) -> None:
        """Fetch when first asked, so that a request of bad values costs nothing.

        `queryset` may be a manager. `whole` is a queryset of the same rows: all rows of
        a table.
        """
        self._queryset = queryset
        self._whole = whole
        self._name = name
        self._rows: Rows | None = None
        self._arguments = (column, list(values))
        self._type = int if column.get_internal_type() in INTEGERS else str
        self._journal = statement_log
        self._is_expecting = False
        self._is_doubted = False

    def get(self, **lookup: Any) -> Any:
        """Return one row, a copy of its own for each who asks.

        Raises:
            ObjectDoesNotExist: as the queryset does.
        """
        value = lookup.get(self._name)
        plain = len(lookup) == 1 and isinstance(value, str | int)
        if plain and not self._journal.writes:
            rows = self._fetch()
            row = None if self._is_doubted else rows.get(value)
            if row is not None:
                return rebuild(row)
            if not self._is_expecting and rows.is_missing(value):
                raise self._queryset.model.DoesNotExist
        return self._queryset.all().get(**lookup)

    def find(self, value: Any) -> Any:
        """Return one row, shared with all who ask, or None where in doubt.

        A value of another type than the column's is a doubt: `True` is not 1, and "1"
        may be.
        """
        if self._is_doubted or type(value) is not self._type:
            return None
        return self._fetch().get(value)

    def fetch(self) -> None:
        """Ask the database, once."""
        self._fetch()

    def get_values(self, name: str) -> list[Any]:
        """Return the values of a column of the rows."""
        return [vars(row)[name] for row in self._fetch().get_all()]

    def expect(self, table: str, *, new: bool, by_key: bool) -> None:
        """Doubt what a write to a table will change.

        A new row may be one that was missing. One that is changed may be another than
        it was, but where all rows are looked up by their key.
        """
        if table == self._queryset.model._meta.db_table:
            self._is_expecting = True
            self._is_doubted |= not new and not (by_key and self._name == "pk")

    def settle(self) -> None:
        """Doubt no more: what was expected has been written, and noted."""
        self._is_expecting = self._is_doubted = False

    def note(self, writes: Sequence[AnyWrite]) -> None:
        """Drop what writes may have changed."""
        if self._rows is not None:
            self._rows.note(writes)

    def __getattr__(self, name: str) -> Any:
        return getattr(vars(self)["_queryset"], name)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._queryset.all())

    def __or__(self, other: Any) -> Any:
        return self._queryset.all() | other

    def __and__(self, other: Any) -> Any:
        return self._queryset.all() & other

    __ror__, __rand__ = __or__, __and__

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
            self._rows = Rows(self._whole.all(), column, plain, self._journal)
        return self._rows
