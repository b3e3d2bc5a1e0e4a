"""Many accepted operations, written in a few statements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db import DatabaseError
from django.db.models import PROTECT, RESTRICT, ProtectedError, RestrictedError
from django.db.models.deletion import CASCADE, Collector

from multistatus_app.databases.statements import SetWrite, StatementLog, Write
from multistatus_app.databases.values import filter_in
from multistatus_app.overrides.deletions import HOLDING, get_cascade, get_referring
from multistatus_app.overrides.receivers import get_receivers, send
from multistatus_app.sets.composing import Unsuitable
from multistatus_app.sets.many_to_many import write_links
from multistatus_app.sets.pending import PendingWrite
from multistatus_app.sets.writers import Refusals, get_writer


def insert(
    model: Any,
    accepted: Sequence[PendingWrite],
    using: str,
    statement_log: StatementLog,
) -> Refusals:
    """Insert instances and their links; return those that the database refused."""
    fields = model._meta.concrete_fields

    def write(instances: Sequence[Any]) -> Refusals:
        return get_writer(model, using).insert(instances)

    _tell("pre_save", model, accepted, using, statement_log)
    refused = _save(model, accepted, write, fields, "INSERT", using, statement_log)
    kept = _get_kept(accepted, refused)
    _tell("post_save", model, kept, using, statement_log, created=True)
    return refused


def update(
    model: Any,
    accepted: Sequence[PendingWrite],
    changed: Sequence[Any],
    using: str,
    statement_log: StatementLog,
) -> Refusals:
    """Update fields, and links; return those that the database refused.

    Of each row no more columns than its operation changes: a statement for each set of
    columns. Others may have changed the rest since it was read. The order does not
    matter, as no two operations of a set are about the same row.
    """
    alike: dict[tuple[str, ...], list[int]] = {}
    fields = {}
    for place, each in enumerate(accepted):
        mine = _get_changed(each, changed)
        names = tuple(field.name for field in mine)
        fields[names] = mine
        alike.setdefault(names, []).append(place)
    _tell("pre_save", model, accepted, using, statement_log)
    refused: Refusals = {}
    for names, places in alike.items():
        group = [accepted[place] for place in places]
        found = _update(model, group, fields[names], using, statement_log)
        refused |= {places[index]: error for index, error in found.items()}
    kept = _get_kept(accepted, refused)
    _tell("post_save", model, kept, using, statement_log, created=False)
    return refused


def _get_kept(
    accepted: Sequence[PendingWrite], refused: Refusals
) -> list[PendingWrite]:
    return [each for place, each in enumerate(accepted) if place not in refused]


def _get_changed(accepted: PendingWrite, changed: Sequence[Any]) -> list[Any]:
    names = accepted.saved.keys()
    return [field for field in changed if field.name in names or field.attname in names]


def _update(
    model: Any,
    accepted: Sequence[PendingWrite],
    changed: Sequence[Any],
    using: str,
    statement_log: StatementLog,
) -> Refusals:
    fields = [
        field
        for field in model._meta.concrete_fields
        if field in changed or getattr(field, "auto_now", False)
    ]

    def write(instances: Sequence[Any]) -> Refusals:
        return get_writer(model, using).update(instances, fields) if fields else {}

    return _save(model, accepted, write, fields, "UPDATE", using, statement_log)


def _save(
    model: Any,
    accepted: Sequence[PendingWrite],
    write: Callable[[Sequence[Any]], Refusals],
    fields: Sequence[Any],
    verb: str,
    using: str,
    statement_log: StatementLog,
) -> Refusals:
    with statement_log.muted():
        refused = write([each.instance for each in accepted])
        kept = _get_kept(accepted, refused)
        instances = [each.instance for each in kept]
        statement_log.writes.append(SetWrite(model, instances, fields, verb, using))
        for name in dict.fromkeys(name for each in kept for name in each.many):
            field = model._meta.get_field(name)
            wanted = [
                (each.instance, each.many[name]) for each in kept if name in each.many
            ]
            statement_log.writes += write_links(
                field, wanted, using, new=verb == "INSERT"
            )
    return refused


def _tell(
    signal: str,
    model: Any,
    accepted: Sequence[PendingWrite],
    using: str,
    statement_log: StatementLog,
    **arguments: Any,
) -> None:
    """Call the receivers of a signal for each row.

    Raises:
        Unsuitable: a receiver asked the database, or changed a row.
        Exception: whatever a receiver raises.
    """
    if not any(get_receivers(signal, model)):
        return
    fields = model._meta.concrete_fields
    instances = [each.instance for each in accepted]
    before = [_get_values(each, fields) for each in instances]
    with statement_log.forbidding():
        send(signal, instances, using=using, **arguments)
    if statement_log.refused:
        asker = statement_log.asker or f"A receiver of {signal}"
        raise Unsuitable(f"{asker}, asks the database.")
    if before != [_get_values(each, fields) for each in instances]:
        raise Unsuitable(f"A receiver of {signal} changes what is saved.")


def _get_values(instance: Any, fields: Sequence[Any]) -> list[Any]:
    return [vars(instance).get(field.attname) for field in fields]


def delete(
    model: Any,
    accepted: Sequence[PendingWrite],
    using: str,
    statement_log: StatementLog,
) -> Refusals:
    """Delete instances and what goes with them; return those that others hold on to.

    Raises:
        Unsuitable: what holds on to one may be deleted with another.
    """
    refused = _find_held(model, accepted, using)
    kept = [each.instance for each in _get_kept(accepted, refused)]
    statement_log.writes.append(SetWrite(model, kept, (), "DELETE", using))
    relations = [each for each in get_referring(model) if each.on_delete not in HOLDING]
    signals = ("pre_delete", "post_delete")
    is_heard = any(any(get_receivers(each, model)) for each in signals)
    if all(map(_is_link, relations)) and not _has_generic(model) and not is_heard:
        with statement_log.muted():
            for relation in relations:
                _delete_links(relation, kept, using)
            get_writer(model, using).delete([each.pk for each in kept])
        statement_log.writes += [
            Write(f'DELETE FROM "{each.related_model._meta.db_table}"', using=using)
            for each in relations
        ]
    else:
        _collect(kept, using)
    return refused


def call_hook(name: str, accepted: Sequence[PendingWrite]) -> None:
    """Let a project write operations itself, all or none.

    Raises:
        Unsuitable: it has left out one that was to be made.
        Exception: whatever it raises.
    """
    first = accepted[0]
    serializer = first.composed and first.composed.serializer
    getattr(first.view, name)(serializer, list(accepted))
    if any(each.instance.pk is None for each in accepted) and (
        first.operation.method != "DELETE"
    ):
        raise Unsuitable(f"{name} has left one unwritten.")


def write_alone(accepted: PendingWrite) -> None:
    """Write one operation as a single request does.

    Raises:
        Exception: whatever the database, or what listens there, raises.
    """
    method, composed = accepted.operation.method, accepted.composed
    if method == "DELETE":
        key = accepted.instance.pk
        accepted.instance.delete()
        accepted.instance.pk = key
    elif method == "POST":
        accepted.instance = composed.serializer.create(dict(accepted.saved))
    else:
        composed.serializer.update(accepted.instance, dict(accepted.saved))


def _is_link(relation: Any) -> bool:
    """Whether rows that refer are those of a many-to-many field, and nothing more."""
    return bool(
        relation.related_model._meta.auto_created
        and relation.on_delete is CASCADE
        and not get_referring(relation.related_model)
    )


def _has_generic(model: Any) -> bool:
    return any(
        hasattr(field, "bulk_related_objects") for field in model._meta.private_fields
    )


def _delete_links(relation: Any, instances: Sequence[Any], using: str) -> None:
    field = relation.field
    values = [getattr(each, field.target_field.attname) for each in instances]
    rows = relation.related_model._base_manager.using(using)
    for found in filter_in(rows, field.attname, values, using):
        found._raw_delete(using)


def _collect(instances: Sequence[Any], using: str) -> None:
    """Delete instances as Django does, cascades and all."""
    keys = [each.pk for each in instances]
    collector = Collector(using=using)
    collector.collect(instances)
    collector.delete()
    for each, key in zip(instances, keys, strict=True):
        each.pk = key


def _find_held(model: Any, accepted: Sequence[PendingWrite], using: str) -> Refusals:
    """Return why, by their places, some cannot be deleted: rows hold on to them.

    What Django refuses is known then; what it leaves to the database is not.
    """
    holders: dict[int, list[Any]] = {}
    for relation in get_referring(model):
        if relation.on_delete not in HOLDING:
            continue
        held = _get_held(relation, accepted, using)
        if held and relation.related_model in get_cascade(model):
            raise Unsuitable("What holds on to one may be deleted with another.")
        name = relation.field.target_field.attname
        for place, each in enumerate(accepted):
            if getattr(each.instance, name) in held:
                holders.setdefault(place, []).append(relation)
    return {place: _get_error(relations) for place, relations in holders.items()}


def _get_held(relation: Any, accepted: Sequence[PendingWrite], using: str) -> set[Any]:
    field = relation.field
    values = [getattr(each.instance, field.target_field.attname) for each in accepted]
    rows = relation.related_model._base_manager.using(using).order_by()
    held: set[Any] = set()
    for found in filter_in(rows, field.attname, values, using):
        held.update(found.values_list(field.attname, flat=True).distinct())
    return held


def _get_error(relations: Sequence[Any]) -> DatabaseError | None:
    """Return what Django's Collector raises: protected goes before restricted."""
    for on_delete, error in ((PROTECT, ProtectedError), (RESTRICT, RestrictedError)):
        # Of the rows only the kind is told.
        rows: Any = [
            each.related_model() for each in relations if each.on_delete is on_delete
        ]
        if rows:
            return error("Other rows refer to it.", rows)
    return None
