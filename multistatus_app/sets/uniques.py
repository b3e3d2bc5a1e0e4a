"""Which unique values of a batch are taken, one query per validator.

An answer is given only where it is certain: that a value is free, or that another row
has it. What earlier operations wrote, claimed or let go of is known or in doubt, and
whatever is in doubt is asked of the database by DRF's own validator.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.db import Error as DatabaseException
from django.db import transaction
from django.db.models import F, Model
from rest_framework.exceptions import ValidationError
from rest_framework.fields import Field
from rest_framework.validators import UniqueTogetherValidator, UniqueValidator

from multistatus_app.databases.collations import are_distinct, can_tell
from multistatus_app.databases.statements import AnyWrite, SetWrite, StatementLog
from multistatus_app.databases.values import InValues, filter_in
from multistatus_app.sets.rows import (
    convert,
    convert_all,
    is_exact,
    is_text,
)

# Beyond so many values a further column no longer narrows a query down.
_MOST_VALUES: Final = 500


def can_be_known(column: Any, using: str) -> bool:
    """Whether its values can be compared, in Python or by asking the database."""
    return is_exact(column, using) or (is_text(column) and can_tell(using))


class UniqueValues:
    """Which of the batch's values of a unique column, or of several, are taken.

    With one column a value is that of the column, with several it is a tuple.
    """

    def __init__(
        self,
        queryset: Any,
        columns: Sequence[Any],
        values: Sequence[Iterable[Any]],
        statement_log: StatementLog,
    ) -> None:
        """Take, for each column, the values that clients sent; fetch when asked.

        The queryset has all rows of a table.
        """
        self.queryset = queryset
        self.columns = tuple(columns)
        self.statement_log = statement_log
        self._values = [list(each) for each in values]
        self._more: list[list[Any]] = [[] for _ in columns]
        self._asked: list[set[Any]] = [set() for _ in columns]
        self._taken: dict[Any, Any] = {}
        self._is_fetched = False
        self._is_certain = True
        self._is_exact = True
        self._claimed: set[Any] = set()
        self._doubted: set[Any] = set()
        self._released: set[Any] = set()

    def add(self, instances: Iterable[Any]) -> None:
        """Look up what rows have, too, in the columns that no operation changes."""
        for instance in instances:
            for column, more in zip(self.columns, self._more, strict=True):
                more.append(getattr(instance, column.attname))
            self._is_fetched = False

    def add_relation(self, place: int, related: Any) -> None:
        """Look up the keys of related rows in a column whose values are no keys."""
        column = self.columns[place]
        self._more[place] += related.get_values(column.target_field.attname)

    def add_value(self, place: int, value: Any) -> None:
        """Look up a value in a column that no operation names."""
        self._more[place].append(self._get_stored(value))

    def fetch(self) -> None:
        """Ask the database, once."""
        if not self._is_fetched:
            self._is_fetched = True
            self._taken = self._fetch()

    def is_free(self, value: Any, instance: Any) -> bool:
        """Whether no row but this instance's has a value; False where in doubt."""
        value = self._get_stored(value)
        if not self._is_known(value) or value in self._claimed:
            return False
        if value in self._doubted:
            return False
        if value not in self._taken:
            return True
        owner = self._taken[value]
        return (
            owner is not None
            and isinstance(instance, self.queryset.model)
            and owner == instance.pk
        )

    def is_free_or_null(self, value: Any, instance: Any) -> bool:
        """Whether a value is free, or NULL, which is not equal to another NULL."""
        is_null = None in value if isinstance(value, tuple) else value is None
        return is_null or self.is_free(value, instance)

    def is_taken(self, value: Any, instance: Any) -> bool:
        """Whether another row has a value; False where in doubt."""
        value = self._get_stored(value)
        if not self._is_certain or value in self._released or value in self._doubted:
            return False
        if not self._is_known(value) or value not in self._taken:
            return False
        owner = self._taken[value]
        return instance is None or (owner is not None and owner != instance.pk)

    def get_value(self, instance: Any) -> Any:
        """Return the value of an instance."""
        if len(self.columns) == 1:
            return getattr(instance, self.columns[0].attname)
        found = tuple(getattr(instance, column.attname) for column in self.columns)
        return found

    def normalize(self, value: Any) -> Any:
        """Return the value of an instance as the columns will have it."""
        if len(self.columns) == 1:
            return convert(self.columns[0], value)
        return tuple(map(convert, self.columns, value))

    def claim(self, value: Any) -> None:
        """Doubt a value that will be written: it will be taken."""
        self._claimed.add(value)
        if not self._is_exact and not self._is_asked(value):
            # What it is equal to, nobody was asked.
            self._asked = [set() for _ in self.columns]

    def release(self, value: Any) -> None:
        """Doubt a value that will be changed or deleted: it may become free."""
        self._released.add(value)

    def settle(self) -> None:
        """Forget claims and releases: they were written, and noted, or refused."""
        self._claimed.clear()
        self._released.clear()

    def note(self, writes: Iterable[AnyWrite]) -> None:
        """Add the values that writes have taken; those they freed stay in doubt."""
        for write in writes:
            if write.table is None or not self._note(write):
                self._asked = [set() for _ in self.columns]

    def _get_stored(self, value: Any) -> Any:
        """Return a value as the column stores it: of a related object its key."""
        if isinstance(value, Model):
            return getattr(value, self.columns[0].target_field.attname)
        return value

    def _is_known(self, value: Any) -> bool:
        if self.statement_log.writes:
            return False
        self.fetch()
        return self._is_asked(value)

    def _is_asked(self, value: Any) -> bool:
        if len(self.columns) == 1:
            return value in self._asked[0]
        return all(
            each in asked for each, asked in zip(value, self._asked, strict=True)
        )

    def _note(self, write: AnyWrite) -> bool:
        """Note one write; False where it cannot be read."""
        if write.table != self.queryset.model._meta.db_table:
            return True
        if not write.is_insert:
            self._is_certain = False
        if write.is_delete:
            return True
        if isinstance(write, SetWrite):
            return self._note_set(write)
        rows = write.get_rows()
        if rows is None:
            return False
        names = [column.column for column in self.columns]
        for row in rows:
            if all(name in row for name in names):
                found = tuple(
                    convert(column, row[name])
                    for column, name in zip(self.columns, names, strict=True)
                )
                value = found if len(found) > 1 else found[0]
                # The project may have rolled it back again.
                self._doubted.add(value)
                if not self._is_comparable(value):
                    return False
            elif write.is_insert or any(name in row for name in names):
                return False  # the rest is what it was, or what the database chose
        return True

    def _note_set(self, write: SetWrite) -> bool:
        if not any(write.writes(column.column) for column in self.columns):
            return True
        return all(self._take(self.get_value(each)) for each in write.instances)

    def _take(self, value: Any) -> bool:
        """Note a value that is there now; False where it may be equal to others."""
        self._taken[value] = None
        self._doubted.discard(value)
        return self._is_comparable(value)

    def _is_comparable(self, value: Any) -> bool:
        return self._is_exact or value is None or self._is_asked(value)

    def _fetch(self) -> dict[Any, Any]:
        using = self.queryset.db
        asked = [
            list(convert_all(column, [*_strip(values), *more], using))
            for column, values, more in zip(
                self.columns, self._values, self._more, strict=True
            )
        ]
        names = [column.attname for column in self.columns]
        taken: dict[Any, Any] = {}
        try:
            with transaction.atomic(using=using):
                for pk, *found in self._select(asked, names, using):
                    value = tuple(found) if len(found) > 1 else found[0]
                    taken[value] = None if value in taken else pk
        except Exception:  # the validator's own query tells what is wrong
            return {}
        if not self._are_comparable(asked, taken, using):
            return {}
        self._asked = [set(each) for each in asked]
        return taken

    def _are_comparable(
        self, asked: Sequence[list[Any]], taken: Iterable[Any], using: str
    ) -> bool:
        """Whether what differs in Python differs in the database, of all values."""
        found = [each if isinstance(each, tuple) else (each,) for each in taken]
        for place, column in enumerate(self.columns):
            if is_exact(column, using):
                continue
            texts = {*asked[place], *(each[place] for each in found)} - {None}
            try:
                if not are_distinct(column, texts, using):
                    return False
            except DatabaseException:  # it cannot be asked
                return False
            self._is_exact = False
        return True

    def _select(
        self, asked: Sequence[list[Any]], names: Sequence[str], using: str
    ) -> Iterable[Any]:
        """Yield key and values of the rows that have one of the values in each column.

        Split by the column with the most values; others narrow it down if they are few.
        """
        longest = max(range(len(names)), key=lambda place: len(asked[place]))
        queryset = self.queryset
        for place, name in enumerate(names):
            if place != longest and len(asked[place]) <= _MOST_VALUES:
                queryset = queryset.filter(InValues(F(name), asked[place]))
        for found in filter_in(queryset, names[longest], asked[longest], using):
            yield from found.values_list("pk", *names)


class KnownUniqueValidator(UniqueValidator):
    """DRF's, but that what is known of a value costs no query."""

    def __init__(self, validator: UniqueValidator, known: UniqueValues) -> None:
        """Take the place of a validator."""
        super().__init__(
            validator.queryset, message=validator.message, lookup=validator.lookup
        )
        self.known = known

    def __call__(self, value: Any, serializer_field: Field[Any, Any, Any, Any]) -> None:
        """Refuse a value that is taken, as DRF's does."""
        instance = getattr(serializer_field.parent, "instance", None)
        if self.known.is_free(value, instance):
            return
        if self.known.is_taken(value, instance):
            raise ValidationError(self.message, code="unique")
        super().__call__(value, serializer_field)


class KnownUniqueTogetherValidator(UniqueTogetherValidator):
    """DRF's, but that a combination that is known to be free costs no query."""

    def __init__(
        self,
        validator: UniqueTogetherValidator,
        known: UniqueValues,
        sources: Sequence[str],
    ) -> None:
        """Take the place of a validator of the fields with these sources."""
        vars(self).update(vars(validator))  # what code of the project looks at
        self.validator = validator
        self.known = known
        self.sources = tuple(sources)

    def __call__(self, attrs: Any, serializer: Any) -> None:
        """Refuse a combination that is taken, as DRF's does."""
        if not self.is_free(attrs, serializer.instance):
            self.validator(attrs, serializer)

    def is_free(self, attrs: Mapping[str, Any], instance: Any) -> bool:
        """Whether DRF's validator would accept; False where in doubt.

        A condition only lets more pass, so what is free without it is free. What NULL
        means differs between versions of DRF where a row is changed.
        """
        values, is_changed = [], False
        for source, column in zip(self.sources, self.known.columns, strict=True):
            if source in attrs:
                value = attrs[source]
                if isinstance(value, Model):
                    value = getattr(value, column.target_field.attname)
                is_changed = is_changed or value != getattr(
                    instance, column.attname, None
                )
            elif instance is None:
                return False
            else:
                value = getattr(instance, column.attname)
            values.append(value)
        if instance is not None and not is_changed and self._is_unconditional():
            return True  # DRF asks about changes alone
        if None in values:
            distinct = getattr(self.validator, "nulls_distinct", None) is not False
            return instance is None and distinct and self._is_unconditional()
        return self.known.is_free(tuple(values), instance)

    def _is_unconditional(self) -> bool:
        return getattr(self.validator, "condition", None) is None


def _strip(values: Iterable[Any]) -> Iterable[Any]:
    """Yield plain values, and text also as a field that trims would have it."""
    for value in values:
        if isinstance(value, str | int):
            yield value
        if isinstance(value, str):
            yield value.strip()
