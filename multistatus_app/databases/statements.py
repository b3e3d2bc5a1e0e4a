"""Log of the statements by which operations write.

Statements in the ORM's own forms are parsed down to their values. Of others it is only
known that they were run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any, Final

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections

from multistatus_app.databases.callers import describe_caller
from multistatus_app.databases.triggers import get_reaching_tables

# First words of statements that change no row. The only exception is a function called
# by SELECT, which may.
_READS: Final = frozenset(
    {
        "BEGIN",
        "COMMIT",
        "DESCRIBE",
        "PRAGMA",
        "RELEASE",
        "ROLLBACK",
        "SAVEPOINT",
        "SELECT",
        "SET",
        "SHOW",
        "TABLE",
        "VALUES",
    }
)
# First words of statements that may write or not.
_LEADING: Final = frozenset({"EXPLAIN", "WITH"})
_WRITING: Final = re.compile(r"\b(?:INSERT|UPDATE|DELETE|MERGE)\b", re.IGNORECASE)
_WORD: Final = re.compile(r"[A-Za-z]+")
# Texts, names and comments, in which a semicolon ends nothing.
_NO_CODE: Final = re.compile(
    r"""'(?:[^']|'')*'|"[^"]*"|`[^`]*`|--[^\n]*|/\*.*?\*/""", re.DOTALL
)
_NAME: Final = r'["`](?P<table>[^"`]+)["`]'
_WHERE: Final = (
    r'WHERE ["`][^"`]+["`]\.["`](?P<key>[^"`]+)["`] (?:= %s|IN \((?:%s(?:, )?)+\))'
)
_INSERT: Final = re.compile(
    rf"INSERT(?: OR IGNORE)? INTO {_NAME} \((?P<columns>[^()]+)\) "
    r"VALUES \((?:%s(?:, )?)+\)(?:, \((?:%s(?:, )?)+\))*"
    r"(?: ON CONFLICT DO NOTHING)?(?: RETURNING .+)?"
)
_UPDATE: Final = re.compile(
    rf'UPDATE {_NAME} SET (?P<sets>["`][^"`]+["`] = (?:%s|NULL)'
    rf'(?:, ["`][^"`]+["`] = (?:%s|NULL))*) {_WHERE}'
)
_DELETE: Final = re.compile(rf"DELETE FROM {_NAME} {_WHERE}")
_ASSIGNMENT: Final = re.compile(r'["`]([^"`]+)["`] = (%s|NULL)')
# Not before a dot, where this name is the schema's.
_TABLE: Final = re.compile(
    rf"(?:INSERT(?: \w+)* INTO|UPDATE|DELETE FROM) {_NAME}(?!\.)"
)


@dataclass(frozen=True, slots=True)
class Write:
    """One statement that may have changed rows."""

    sql: str
    params: Sequence[Any] = ()
    many: bool = False
    using: str = DEFAULT_DB_ALIAS
    is_reaching: Callable[[str | None, str], bool] | None = None
    """Tells if other rows may have changed, too: see `is_reaching`."""

    @property
    def table(self) -> str | None:
        """The only table it changed, or None if that is not known."""
        if ";" in self.sql.rstrip("; \n"):
            return None  # several statements
        match = _TABLE.match(self.sql)
        table = match["table"] if match else None
        if self.is_reaching is not None and self.is_reaching(table, self.using):
            return None
        return table

    @property
    def is_insert(self) -> bool:
        """True if it added rows."""
        return self.sql.startswith("INSERT")

    @property
    def is_delete(self) -> bool:
        """True if it removed rows."""
        return self.sql.startswith("DELETE")

    def get_rows(self) -> list[dict[str, Any]] | None:
        """Return the values written, by column, a dict for each row or set of rows.

        None if it is not an INSERT or UPDATE in the ORM's form.
        """
        if self.many:
            return None
        if match := _INSERT.fullmatch(self.sql):
            columns = [name.strip(' "`') for name in match["columns"].split(",")]
            size = len(columns)
            if len(self.params) % size:
                return None
            return [
                dict(zip(columns, self.params[start : start + size], strict=True))
                for start in range(0, len(self.params), size)
            ]
        if match := _UPDATE.fullmatch(self.sql):
            values = iter(self.params)
            return [
                {
                    name: next(values) if value == "%s" else None
                    for name, value in _ASSIGNMENT.findall(match["sets"])
                }
            ]
        return None

    def writes(self, column: str) -> bool:
        """Return True if a column may have been written."""
        rows = self.get_rows()
        return rows is None or any(column in row for row in rows)

    def get_values(self, column: str) -> set[Any] | None:
        """Return the values written to a column, or None if they are not known."""
        rows = self.get_rows()
        if rows is None:
            return None
        return {row[column] for row in rows if column in row}

    def get_keys(self) -> tuple[str, tuple[Any, ...]] | None:
        """Return the column and the values that select its rows.

        None if it is not an UPDATE or DELETE in the ORM's form.
        """
        match = _UPDATE.fullmatch(self.sql) or _DELETE.fullmatch(self.sql)
        if match is None or self.many:
            return None
        count = self.sql.count("%s", self.sql.rindex(" WHERE "))
        return match["key"], tuple(self.params[len(self.params) - count :])


@dataclass(frozen=True, slots=True)
class SetWrite:
    """Many rows that our own writers wrote, whatever the statements.

    It has the interface of `Write`.
    """

    model: Any
    instances: Sequence[Any]
    fields: Sequence[Any]
    """The fields that were written. A delete has none."""
    verb: str
    using: str

    @property
    def table(self) -> str:
        """The table it changed."""
        return str(self.model._meta.db_table)

    @property
    def is_insert(self) -> bool:
        """True if it added rows."""
        return self.verb == "INSERT"

    @property
    def is_delete(self) -> bool:
        """True if it removed rows."""
        return self.verb == "DELETE"

    def writes(self, column: str) -> bool:
        """Return True if a column was written."""
        return any(field.column == column for field in self.fields)

    def get_values(self, column: str) -> set[Any] | None:
        """Return the values of a column, as they are stored."""
        for field in self.fields:
            if field.column == column:
                connection = connections[self.using]
                found = {getattr(each, field.attname) for each in self.instances}
                return {
                    field.get_db_prep_save(each, connection=connection)
                    for each in found
                }
        return set()

    def get_keys(self) -> tuple[str, tuple[Any, ...]] | None:
        """Return the column of the primary key, and the keys of the rows."""
        pk = self.model._meta.pk
        connection = connections[self.using]
        return pk.column, tuple(
            pk.get_db_prep_save(instance.pk, connection=connection)
            for instance in self.instances
        )


AnyWrite = Write | SetWrite


class StatementRefused(RuntimeError):
    """A statement was run inside `StatementLog.forbidding()`."""


class StatementLog:
    """Keeps the writes of the running operation.

    It is an execute wrapper of Django's (`connection.execute_wrapper`).
    """

    def __init__(self, databases: Iterable[str]) -> None:
        """Take the aliases of the connections to log while `recording()`."""
        self.databases = tuple(databases)
        self.writes: list[AnyWrite] = []
        self.statements = 0
        self.refused = False
        self.asker: str | None = None
        """The code of the project that last ran a statement that was refused."""
        self._is_muted = False
        self._is_forbidding = False
        self._reaching: dict[str, frozenset[str] | None] = {}

    def __call__(
        self, execute: Any, sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        """Run one statement and log it."""
        if self._is_forbidding:
            self.refused = True
            self.asker = describe_caller() or self.asker
            raise StatementRefused(str(sql))
        self.statements += 1
        if self._is_muted:
            return execute(sql, params, many, context)
        text = str(sql)  # psycopg also has composed statements
        if is_write(text):
            values = () if many else tuple(params or ())
            using = context["connection"].alias
            self.writes.append(Write(text, values, many, using, self.is_reaching))
        return execute(sql, params, many, context)

    def is_reaching(self, table: str | None, using: str) -> bool:
        """Return True if a write to a table may change rows of others.

        The database may do so by a trigger or a cascade. A table without a model may be
        a view, or another spelling of a name.
        """
        if using not in self._reaching:
            self._reaching[using] = get_reaching_tables(connections[using])
        reaching = self._reaching[using]
        known = _get_tables(sum(map(len, apps.all_models.values())))
        return reaching is None or table in reaching or table not in known

    @contextmanager
    def muted(self) -> Iterator[None]:
        """Log no writes inside this context. The caller adds them itself."""
        self._is_muted = True
        try:
            yield
        finally:
            self._is_muted = False

    @contextmanager
    def forbidding(self) -> Iterator[None]:
        """Refuse statements inside this context.

        `refused` is True afterwards if one was tried, even if the error was caught.

        Raises:
            StatementRefused: at the statement.
        """
        self.refused = False
        self._is_forbidding = True
        try:
            yield
        finally:
            self._is_forbidding = False

    @contextmanager
    def allowing(self) -> Iterator[None]:
        """Allow statements again inside this context."""
        was_forbidding, self._is_forbidding = self._is_forbidding, False
        try:
            yield
        finally:
            self._is_forbidding = was_forbidding

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Log every statement inside this context."""
        with ExitStack() as wrappers:
            for alias in self.databases:
                wrappers.enter_context(connections[alias].execute_wrapper(self))
            yield


@lru_cache(maxsize=1)
def _get_tables(count: int) -> frozenset[str]:
    """Return the tables that Django makes, if their names need no schema.

    `count` is the number of models, which only grows. It keys the cache.
    """
    models = chain.from_iterable(each.values() for each in apps.all_models.values())
    names = (model._meta.db_table for model in models if model._meta.managed)
    return frozenset(filter(is_plain_name, names))


def is_plain_name(name: str) -> bool:
    """Return True if a table's name has no schema and no quotes."""
    return not set(name) & set("\"'`.")


def is_write(sql: str) -> bool:
    """Return True if a statement, or one of several, may change rows."""
    text = _NO_CODE.sub("''", sql)
    return any(map(_writes, text.split(";")))


def _writes(statement: str) -> bool:
    match = _WORD.search(statement)
    word = match[0].upper() if match else "SELECT"
    if word in _LEADING:
        return _WRITING.search(statement) is not None
    return word not in _READS


def is_wrapped(using: str) -> bool:
    """Return True if others wrap a connection's statements, which may change them."""
    wrappers = connections[using].execute_wrappers
    return not all(isinstance(each, StatementLog) for each in wrappers)
