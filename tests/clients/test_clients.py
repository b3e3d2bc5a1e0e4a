"""Clients generated from the document compile, and make real bulk calls."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

import pytest

from tests.openapi.documents import Other, Stock, add_bulk, generate, get_patterns
from tests.shop.models import Category

pytestmark = [pytest.mark.clients, pytest.mark.once]

HERE = Path(__file__).parent


@pytest.fixture
def document(tmp_path: Path, settings: Any) -> Path:
    """Serve categories, and return their document as a file."""
    patterns = get_patterns(categories=add_bulk(Stock), others=Other)
    urlconf = ModuleType("urlconf")
    urlconf.urlpatterns = patterns  # type: ignore[attr-defined]
    settings.ROOT_URLCONF = urlconf
    path = tmp_path / "schema.json"
    path.write_text(json.dumps(generate(patterns, COMPONENT_SPLIT_REQUEST=True)))
    return path


def run(*command: str | Path, cwd: Path) -> str:
    """Return what a command prints; fail with what it printed if it fails."""
    done = subprocess.run(  # our own commands
        command, cwd=cwd, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def give_up(reason: str) -> NoReturn:
    """Skip where a tool is missing, but not where everything must be there."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def test_python(
    document: Path, tmp_path: Path, live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config.json"
    config.write_text('{"post_hooks": []}')
    run(
        *(sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"),
        *("--path", document, "--config", config, "--fail-on-warning"),
        *("--output-path", tmp_path / "shop_client"),
        cwd=tmp_path,
    )
    monkeypatch.syspath_prepend(tmp_path)
    shop = importlib.import_module("shop_client")
    models = importlib.import_module("shop_client.models")
    calls = importlib.import_module("shop_client.api.categories")
    for name in ("bulk_create", "bulk_update", "bulk_destroy", "batch_create"):
        importlib.import_module(f"shop_client.api.categories.categories_{name}")

    with shop.Client(base_url=live_server.url) as client:
        created = calls.categories_bulk_create.sync_detailed(
            client=client,
            body=[models.CategoryRequest(name="Tea"), models.CategoryRequest(name="")],
        )
        key = created.parsed.results[0].data.id
        updated = calls.categories_bulk_update.sync_detailed(
            client=client,
            body=[models.KeyedCategoryRequest(id=key, name="Green tea")],
            atomic=True,
            prefer=models.CategoriesBulkUpdatePrefer.RETURNMINIMAL,
        )
        mixed = calls.categories_batch_create.sync_detailed(
            client=client,
            body=models.CategoriesBatchCreateBody(
                operations=[
                    models.CategoryCreateOperation(
                        method=models.MultiStatusPostMethod.POST,
                        ref="a",
                        data=models.CategoryRequest(name="Coffee"),
                    ),
                    models.CategoryDestroyOperation(
                        method=models.MultiStatusDeleteMethod.DELETE, key=key
                    ),
                ]
            ),
        )
        deleted = calls.categories_bulk_destroy.sync_detailed(client=client, body=[key])
        refused = calls.categories_bulk_create.sync_detailed(client=client, body=[])

    assert created.status_code == 207
    assert created.headers["Multistatus-Summary"] == (
        "total=2, succeeded=1, failed=1, committed=?1"
    )
    done, failed = created.parsed.results
    assert (done.status, done.data.name, done.href) == (
        201,
        "Tea",
        f"/api/categories/{key}/",
    )
    assert (failed.status, failed.error.errors[0].pointer) == (400, "#/name")
    renamed = updated.parsed.results[0].to_dict()
    assert (renamed["status"], renamed["href"]) == (200, done.href)
    assert "data" not in renamed
    assert [(each.status, each.ref or None) for each in mixed.parsed.results] == [
        (201, "a"),
        (204, None),
    ]
    assert mixed.parsed.summary.committed is True
    assert deleted.parsed.results[0].error.code == "not_found"
    assert refused.status_code == 400
    assert isinstance(refused.parsed, models.MultiStatusRefusal)
    assert list(Category.objects.values_list("name", flat=True)) == ["Coffee"]


@pytest.fixture
def workshop() -> Path:
    """Return a directory that finds the packages of `package.json`, installed once."""
    npm = shutil.which("npm")
    if npm is None:
        give_up("npm is not there, so there is no TypeScript")
    modules = HERE / "node_modules"
    wanted = (HERE / "package.json").read_text()
    installed = modules / "installed.json"
    if not installed.exists() or installed.read_text() != wanted:
        done = subprocess.run(  # our own command
            [npm, "install", "--no-package-lock", "--no-audit", "--no-fund"],
            cwd=HERE,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        if done.returncode:
            give_up(f"npm could not install: {done.stderr[-500:]}")
        installed.write_text(wanted)
    made = modules / "workshop"
    made.mkdir(exist_ok=True)
    for name in ("package.json", "tsconfig.json", "calls.ts"):
        shutil.copy(HERE / name, made)
    return made


def test_typescript(document: Path, workshop: Path, live_server: Any) -> None:
    tools = HERE / "node_modules" / ".bin"
    run(tools / "openapi-typescript", document, "-o", "schema.d.ts", cwd=workshop)
    run(tools / "tsc", "--noEmit", cwd=workshop)
    run(tools / "tsc", cwd=workshop)
    node = shutil.which("node") or give_up("node is not there")

    printed = run(node, workshop / "built" / "calls.js", live_server.url, cwd=workshop)

    created, updated, mixed, deleted, refused = map(json.loads, printed.splitlines())
    assert created == {
        "status": 207,
        "facts": [
            {"status": 201, "name": "Tea"},
            {"status": 400, "pointer": "#/name"},
        ],
        "summary": "total=2, succeeded=1, failed=1, committed=?1",
    }
    assert updated["facts"] == [{"status": 200}]
    assert mixed["facts"] == [
        {"status": 201, "name": "Coffee"},
        {"status": 200, "name": "White tea"},
        {"status": 204},
    ]
    assert deleted["facts"] == [{"status": 404}]
    assert refused["status"] == 400
    assert refused["detail"]
    assert list(Category.objects.values_list("name", flat=True)) == ["Coffee"]
