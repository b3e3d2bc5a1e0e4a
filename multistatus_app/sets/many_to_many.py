"""The many-to-many relations of many rows, in a statement for each kind of change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from multistatus_app.databases.statements import SetWrite
from multistatus_app.databases.values import filter_in
from multistatus_app.sets.composing import Unsuitable
from multistatus_app.sets.writers import get_writer


def write_links(
    field: Any, wanted: Sequence[tuple[Any, Sequence[Any]]], using: str, *, new: bool
) -> Iterator[SetWrite]:
    """Give instances the related rows that they are to have; yield what is written.

    `new` says that they have none yet.

    Raises:
        Unsuitable: the database refused one of them.
    """
    through = field.remote_field.through
    ends = [
        through._meta.get_field(name)
        for name in (field.m2m_field_name(), field.m2m_reverse_field_name())
    ]
    source, target = (each.target_field.attname for each in ends)
    links = dict.fromkeys(
        (getattr(instance, source), key)
        for instance, rows in wanted
        for key in {getattr(row, target) for row in rows}  # in the order of `set()`
    )
    names = [each.attname for each in ends]
    writer = get_writer(through, using)
    if not new:
        keys = [getattr(instance, source) for instance, _ in wanted]
        gone = []
        for link in _fetch(through, names, keys, using):
            pair = tuple(getattr(link, name) for name in names)
            if pair in links:
                del links[pair]
            else:
                gone.append(link)
        if gone:
            writer.delete([link.pk for link in gone])
            yield SetWrite(through, gone, (), "DELETE", using)
    if links:
        rows = [through(**dict(zip(names, pair, strict=True))) for pair in links]
        if writer.insert(rows):
            raise Unsuitable(f"A row of {field.name} was refused.")
        fields = through._meta.concrete_fields
        yield SetWrite(through, rows, fields, "INSERT", using)


def _fetch(
    through: Any, names: Sequence[str], keys: Sequence[Any], using: str
) -> Iterator[Any]:
    rows = through._base_manager.using(using)
    for found in filter_in(rows, names[0], list(keys), using):
        yield from found
