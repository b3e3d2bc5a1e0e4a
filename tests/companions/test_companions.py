"""With each library a batch does what its single requests do, but for what its module
names, with a reason; and the page of the docs says so.
"""

from __future__ import annotations

import fnmatch
import json
import os
import socket
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import pytest

from demo_project.databases import get_database
from tests.companions import pages
from tests.companions.manifests import Manifest, read_all

ROOT: Final = Path(__file__).resolve().parents[2]
VENDOR: Final = os.environ.get("DATABASE") or "sqlite"
MANIFESTS: Final = read_all()
PORTS: Final = {"redis": 6379}


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda each: each.name)
def test_batch_is_like_singles(manifest: Manifest) -> None:
    _skip_where_it_cannot_run(manifest)

    found = _run(manifest)

    differs = (manifest.DIFFERS or {}) | (manifest.BETTER or {})
    unexplained = {
        name: values
        for name, values in found["differences"].items()
        if not any(fnmatch.fnmatchcase(name, each) for each in differs)
    }
    assert not unexplained, json.dumps(unexplained, indent=1)
    stale = [each for each in differs if not fnmatch.filter(found["differences"], each)]
    assert not stale, "These do not differ any more."
    assert {"atomic", "dry run", "300"} <= {*found["scenarios"]}


def test_docs_have_each() -> None:
    assert pages.PAGE.read_text() == pages.renew(), "python -m tests.companions.pages"


def test_there_are_forty() -> None:
    assert len({each.PACKAGES[0] for each in MANIFESTS}) >= 40


def _skip_where_it_cannot_run(manifest: Manifest) -> None:
    for package in manifest.PACKAGES:
        try:
            version(package)
        except PackageNotFoundError:
            pytest.skip(f"{package} is not installed.")
    if VENDOR not in manifest.VENDORS:
        pytest.skip(f"{manifest.PACKAGES[0]} is not for {VENDOR}.")
    for server in manifest.NEEDS:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", PORTS[server])):
                pytest.skip(f"There is no {server}.")


def _run(manifest: Manifest) -> dict[str, dict[str, list[str]]]:
    get_database(VENDOR)  # a server that is started here is there for all
    left_out = {"DJANGO_SETTINGS_MODULE"}
    environment = {
        name: value for name, value in os.environ.items() if name not in left_out
    }
    ran = subprocess.run(
        [sys.executable, "-m", "tests.companions", manifest.name],
        cwd=ROOT,
        env=environment | {"DATABASE": VENDOR},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    found: dict[str, dict[str, list[str]]] = json.loads(ran.stdout)
    return found
