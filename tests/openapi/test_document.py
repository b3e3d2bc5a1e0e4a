"""The OpenAPI document as a whole: valid, and without a trace on single endpoints."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.openapi.documents import (
    STYLES,
    BySlug,
    NestedSerializer,
    Other,
    Stock,
    add_bulk,
    generate,
    get_operations,
    get_patterns,
    is_ours,
)

pytestmark = pytest.mark.once

GOLDEN = Path(__file__).parent / "golden" / "openapi.json"


@pytest.mark.parametrize("split", [True, False])
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize("style", STYLES)
def test_valid_without_a_warning(style: str, version: str, split: bool) -> None:
    viewset = add_bulk(*STYLES[style])

    generate(
        get_patterns(things=viewset, other=Other),
        validate=True,
        OAS_VERSION=version,
        COMPONENT_SPLIT_REQUEST=split,
    )


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_all_side_by_side(version: str) -> None:
    viewsets = {
        style.replace("-", "_"): add_bulk(*args) for style, args in STYLES.items()
    }

    schema = generate(
        get_patterns(**viewsets),
        validate=True,
        OAS_VERSION=version,
        COMPONENT_SPLIT_REQUEST=True,
    )

    ids = [operation["operationId"] for _, _, operation in get_operations(schema)]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("split", [True, False])
@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize("style", STYLES)
def test_single_endpoints_are_as_they_were(
    style: str, alone: bool, split: bool
) -> None:
    viewset, place = STYLES[style]
    others: dict[str, Any] = {} if alone else {"other": Other}
    options = {"COMPONENT_SPLIT_REQUEST": split}

    before = generate(get_patterns(things=viewset, **others), **options)
    after = generate(get_patterns(things=add_bulk(viewset, place), **others), **options)

    single = {k: v for k, v in after["paths"].items() if not is_ours(k)}
    assert json.dumps(single) == json.dumps(before["paths"])
    for name, component in before.get("components", {}).get("schemas", {}).items():
        assert after["components"]["schemas"][name] == component


def test_same_again() -> None:
    patterns = get_patterns(things=add_bulk(Stock), orders=add_bulk(NestedSerializer))

    assert generate(patterns) == generate(patterns)


def test_golden() -> None:
    """One viewset as a whole; `MULTISTATUS_WRITE_GOLDEN=1` writes what it is now."""
    schema = generate(
        get_patterns(things=add_bulk(BySlug)), COMPONENT_SPLIT_REQUEST=True
    )
    ours = {k: v for k, v in schema["paths"].items() if is_ours(k)}
    document = {"paths": ours, "components": schema["components"]}
    if os.environ.get("MULTISTATUS_WRITE_GOLDEN"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")

    assert document == json.loads(GOLDEN.read_text())


def test_without_drf_spectacular() -> None:
    program = """
import sys
sys.modules["drf_spectacular"] = None
from django.conf import settings
settings.configure(
    SECRET_KEY="-", ROOT_URLCONF=[], USE_TZ=True,
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth",
                    "rest_framework", "multistatus_app"],
)
import django
django.setup()
import multistatus_app.viewsets
assert "multistatus_app.openapi" not in sys.modules
"""

    done = subprocess.run(  # our own program
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
