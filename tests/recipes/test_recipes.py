"""The recipes of the docs do what they say, with the real libraries."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, version

import pytest

from tests.recipes.stories import PAGE, ROOT, Section, read

pytestmark = pytest.mark.once

SECTIONS = list(read(PAGE))
GROUPS = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
LIBRARIES = {re.split(r"[>=<]", each)[0] for each in GROUPS["recipes"]}
SPOILT = [
    ("A translation cache: django-parler", "@receiver(undone)", ""),
    ("A search index: django-haystack", "@receiver(undone)", ""),
    ("Uploaded files, with django-cleanup or without", "@receiver(undone)", ""),
    (
        "Revisions: django-reversion",
        "mysite.middleware.SingleRevisionMiddleware",
        "reversion.middleware.RevisionMiddleware",
    ),
    ("Metrics: prometheus_client", "@receiver(processed)", ""),
    ("Traces: OpenTelemetry", "@receiver(processed)", ""),
]
"""Sections, with what makes them fail: something stays that was undone."""


def tell(section: Section, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Tell a section in a process of its own; what it needs must be there under CI."""
    if not os.environ.get("CI"):
        for each in LIBRARIES:
            try:
                version(each)
            except PackageNotFoundError:
                pytest.skip(f"{each} is not installed.")
    environment = {
        name: value
        for name, value in os.environ.items()
        if name != "DJANGO_SETTINGS_MODULE"
    }
    return subprocess.run(
        [sys.executable, "-m", "tests.recipes", str(PAGE), section.title, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("section", SECTIONS, ids=lambda each: each.title)
def test_recipe(section: Section) -> None:
    told = tell(section)

    assert told.returncode == 0, told.stderr[-3000:]


@pytest.mark.parametrize(("title", "old", "new"), SPOILT)
def test_without_the_recipe_something_stays(title: str, old: str, new: str) -> None:
    [section] = [each for each in SECTIONS if each.title == title]
    assert any(old in each for each in section.files.values())

    told = tell(section, "--replace", old, new)

    assert told.returncode == 1
    assert told.stderr.splitlines()[-1].startswith("AssertionError"), told.stderr


def test_each_library_has_one() -> None:
    shown = {each for each in LIBRARIES if each in PAGE.read_text()}

    assert shown == LIBRARIES
    assert len(SECTIONS) >= 7
