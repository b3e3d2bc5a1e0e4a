"""What only a running request knows about whether its operations fit in sets."""

from __future__ import annotations

from typing import Any

from django.db import router
from django.db.models import Model

from multistatus_app.databases.statements import is_wrapped
from multistatus_app.handlers import Handler
from multistatus_app.handlers.throttles import see_who_asks_alone
from multistatus_app.overrides.deletions import get_cascade
from multistatus_app.overrides.viewsets import explain_permissions
from multistatus_app.sets.composing import Unsuitable


def check_view(view: Any) -> None:
    """Look at the permissions and throttles of the first operation's view.

    Raises:
        Unsuitable: they must be asked at each operation's turn.
    """
    for reason in explain_permissions(view.get_permissions()):
        raise Unsuitable(f"{reason}.")
    if not see_who_asks_alone(view):
        # One that asks the database may have charged already.
        raise Unsuitable("Throttles look at more than who asks.")


def check_model(model: Any, method: str, handler: Handler, using: str) -> None:
    """Look at the tables that operations write.

    Raises:
        Unsuitable: to write many rows at once might do something else.
    """
    if method == "DELETE":
        written: list[type[Model]] = list(get_cascade(model))
    else:
        links = model._meta.many_to_many
        written = [model, *(each.remote_field.through for each in links)]
    for each in written:
        table = each._meta.db_table
        if handler.statement_log.is_reaching(table, using):
            raise Unsuitable("The database itself reacts to what is written.")
        if handler.user.is_read_from(table):
            raise Unsuitable("The user of the request is in the table.")
    if router.db_for_write(model) != using:
        raise Unsuitable("It is written to another database.")
    if any(map(is_wrapped, handler.statement_log.databases)):
        raise Unsuitable("Others take part in what is sent to the database.")
