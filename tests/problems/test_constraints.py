"""Constraints of models speak for themselves, on whatever database."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps.registry import Apps
from django.db import IntegrityError, connection, models, transaction
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.test.utils import isolate_apps

from multistatus_app import problems
from multistatus_app.outcomes import Problem
from multistatus_app.problems import constraints

FIELDS = ("who", "whom")


def make_models() -> type[models.Model]:
    class Follow(models.Model):
        who = models.IntegerField()
        whom = models.IntegerField(db_column="followed")
        nick = models.CharField(max_length=20, default="", unique=False)
        code = models.IntegerField(null=True, unique=True)
        gone = models.BooleanField(default=False)

        class Meta:
            app_label = "shop"
            db_table = "shop_wire_follow"
            unique_together = [("who", "code")]
            constraints = [
                models.CheckConstraint(
                    condition=~Q(whom=F("who")),
                    name="wire_not_self",
                    violation_error_message="Nobody follows themselves.",
                    violation_error_code="self",
                ),
                models.UniqueConstraint(
                    F("who") + F("whom"),
                    name="wire_pair",
                    violation_error_message="That pair is there: %(name)s.",
                ),
                models.UniqueConstraint(
                    Lower("nick").desc(),
                    condition=~Q(nick=""),
                    name="wire_nick",
                    violation_error_code="taken",
                ),
                models.UniqueConstraint(
                    fields=["who", "nick"],
                    condition=Q(gone=False),
                    name="wire_once",
                    violation_error_message="Once for each nick, 100%.",
                    violation_error_code="once",
                ),
                models.CheckConstraint(condition=Q(who__gte=-9), name="wire_wordless"),
                models.CheckConstraint(
                    condition=Q(pk__gte=-1),
                    name="wire_key",
                    violation_error_message="No such key.",
                ),
            ]

        def __str__(self) -> str:
            return ""

    return Follow


@pytest.fixture
def follow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a model that is no part of the project, found as if it were."""
    with isolate_apps("tests.shop") as isolated:
        model = make_models()
        registry: Apps = isolated
        monkeypatch.setattr(constraints, "apps", registry)
        yield model


def explain(exc: Exception) -> problems.Failure:
    """Explain what is expected."""
    failure = problems.explain(exc)
    assert failure is not None
    assert failure.status == 409
    return failure


def said(failure: problems.Failure) -> tuple[str, str, list[str | None]]:
    """Return the code, the sentence and the pointers of a failure."""
    problem = failure.problem
    assert all(
        (each.code, each.detail) == (problem.code, problem.detail)
        for each in failure.errors
    )
    return problem.code, problem.detail, [each.pointer for each in failure.errors]


SELF = ("self", "Nobody follows themselves.", ["#/who", "#/whom"])
PAIR = ("conflict", "That pair is there: wire_pair.", ["#/who", "#/whom"])
NICK = ("taken", "The database refused it: it would break a unique constraint.",
        ["#/nick"])  # fmt: skip
ONCE = ("once", "Once for each nick, 100%.", ["#/who", "#/nick"])
KEY = ("conflict", "No such key.", ["#/id"])
UNIQUE = ("conflict", "The database refused it: it would break a unique constraint.",
          [])  # fmt: skip
CHECK = ("conflict", "The database refused it: it would break a check constraint.",
         [])  # fmt: skip


def from_postgresql(name: str | None, state: str, table: str = "x") -> IntegrityError:
    """Return what psycopg makes of a violation; the text has the client's values."""
    exc = IntegrityError('DETAIL: Key (nick)=(the "wire_pair" secret) exists.')
    cause: Any = type("UniqueViolation", (Exception,), {"sqlstate": state})()
    cause.diag = SimpleNamespace(constraint_name=name, table_name=table)
    exc.__cause__ = cause
    return exc


@pytest.mark.once
@pytest.mark.parametrize(
    ("exc", "expected"),
    [
        (from_postgresql("wire_not_self", "23514"), SELF),
        (from_postgresql("wire_pair", "23505"), PAIR),
        (from_postgresql("wire_nick", "23505"), NICK),
        (from_postgresql("wire_key", "23514"), KEY),
        (from_postgresql("wire_wordless", "23514"), CHECK),
        (from_postgresql("shop_wire_follow_code_key", "23505"), UNIQUE),
        (from_postgresql(None, "23505"), UNIQUE),
        (IntegrityError(1062, "Duplicate entry '3' for key 'wire_pair'"), PAIR),
        (IntegrityError(1062, "Duplicate entry '3' for key 'follow.wire_pair'"), PAIR),
        (IntegrityError(1062, "Duplicate entry 'a' for key 'wire_pair'' for key 'x'"),
         UNIQUE),
        (IntegrityError(4025, "CONSTRAINT `wire_not_self` failed for `a`.`b`"), SELF),
        (IntegrityError(3819, "Check constraint 'wire_not_self' is violated."), SELF),
        (IntegrityError(1048, "Column 'wire_not_self' cannot be null"),
         ("conflict",
          "The database refused it: it would break a not-null constraint.", [])),
        (IntegrityError("CHECK constraint failed: wire_not_self"), SELF),
        (IntegrityError("CHECK constraint failed: id >= 0"), CHECK),
        (IntegrityError("UNIQUE constraint failed: index 'wire_pair'"), PAIR),
        (IntegrityError(
            "UNIQUE constraint failed: shop_wire_follow.who, shop_wire_follow.nick"),
         ONCE),
        (IntegrityError("UNIQUE constraint failed: shop_wire_follow.code"), UNIQUE),
        (IntegrityError(
            "UNIQUE constraint failed: shop_wire_follow.who, shop_wire_follow.code"),
         UNIQUE),
    ],
)  # fmt: skip
def test_what_databases_say(follow: Any, exc: Exception, expected: Any) -> None:
    assert said(explain(exc)) == expected


@pytest.mark.once
def test_pointers_in_the_names_of_the_client(follow: Any) -> None:
    failure = problems.explain(
        from_postgresql("wire_not_self", "23514"), to_pointer=lambda path: f"#/{path}"
    )

    assert failure is not None
    assert failure.errors[0] == Problem(
        code="self", detail="Nobody follows themselves.", pointer="#/('who',)"
    )


@pytest.mark.once
def test_a_name_that_postgresql_cuts() -> None:
    constraint = models.CheckConstraint(condition=Q(pk=1), name="ä" * 60)

    assert constraints._has_name(constraint, "ä" * 60)
    assert constraints._has_name(constraint, "ä" * 31)
    assert not constraints._has_name(constraint, "ä" * 30)


@pytest.mark.once
def test_two_constraints_of_one_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table tells them apart; without it neither speaks."""
    with isolate_apps("tests.shop") as isolated:
        monkeypatch.setattr(constraints, "apps", isolated)
        for table in ("first", "second"):
            meta = {
                "app_label": "shop",
                "db_table": table,
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(number__gte=0),
                        name="same",
                        violation_error_message=f"Said by {table}.",
                    )
                ],
            }
            members = {
                "__module__": __name__,
                "number": models.IntegerField(),
                "Meta": type("Meta", (), meta),
            }
            type(table.title(), (models.Model,), members)

        assert said(explain(from_postgresql("same", "23514", "second"))) == (
            "conflict",
            "Said by second.",
            ["#/number"],
        )
        assert said(explain(from_postgresql("same", "23514"))) == CHECK
        assert said(explain(IntegrityError("CHECK constraint failed: same"))) == CHECK


@pytest.mark.django_db(transaction=True)
def test_the_database_itself(follow: Any) -> None:
    features = connection.features
    # MariaDB takes no AUTO_INCREMENT in a check.
    follow._meta.constraints = [
        each for each in follow._meta.constraints if each.name != "wire_key"
    ]
    with connection.schema_editor() as editor:
        editor.create_model(follow)
    try:
        follow.objects.create(who=1, whom=2, nick="A", code=1)
        follow.objects.create(who=1, whom=3)
        cases: list[tuple[dict[str, Any], Any]] = [
            ({"who": 5, "whom": 5}, SELF),
            ({"who": 9, "whom": 8, "code": 1}, UNIQUE),
        ]
        if features.supports_expression_indexes:
            cases.append(({"who": 2, "whom": 1, "nick": "b"}, PAIR))
        if features.supports_expression_indexes and features.supports_partial_indexes:
            cases.append(({"who": 7, "whom": 1, "nick": "a"}, NICK))
        if features.supports_partial_indexes:
            cases.append(({"who": 1, "whom": 9}, ONCE))
        told = []
        for members, _ in cases:
            with pytest.raises(IntegrityError) as caught, transaction.atomic():
                follow.objects.create(**members)
            told.append(said(explain(caught.value)))
        assert told == [expected for _, expected in cases]
    finally:
        with connection.schema_editor() as editor:
            editor.delete_model(follow)
