"""The code of a project that is running, by name."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection

from multistatus_app.databases.statements import StatementLog, StatementRefused
from tests.shop.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def ask() -> None:
    """Ask through the ORM."""
    Event.objects.exists()


class Asking:
    """Asks with a cursor."""

    def ask(self) -> None:
        """Ask."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")


@pytest.mark.parametrize(
    ("function", "name"), [(ask, "ask"), (Asking().ask, "Asking.ask")]
)
def test_is_named_with_its_line(function: Callable[[], None], name: str) -> None:
    log = StatementLog(["default"])

    with log.recording(), log.forbidding(), pytest.raises(StatementRefused):
        function()

    assert log.asker is not None
    described, _, line = log.asker.partition(", line ")
    assert described == f"{__name__}.{name}()"
    assert line.isdecimal()
