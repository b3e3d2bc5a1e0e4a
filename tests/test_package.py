"""The package as it is installed: what is in it, and what it needs."""

from __future__ import annotations

import os
import pkgutil
import re
import shutil
import subprocess
import sys
import zipfile
from importlib import import_module
from pathlib import Path

import pytest

import multistatus_app

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "multistatus_app"


def run(*command, cwd=ROOT, **environment):
    """Return what a command printed, which ended well and warned of nothing."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=cwd,
        env=os.environ
        | {"PYTHONWARNINGS": "error", "DATABASE": "sqlite"}
        | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stderr == ""
    assert done.returncode == 0
    return done.stdout


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("viewsets", ["BulkModelViewSet"]),
        ("mixins", ["BulkModelMixin"]),
        ("outcomes", ["MultiStatus", "Operation", "Outcome", "Problem", "ABSENT"]),
        ("responses", ["MultiStatusResponse"]),
        (
            "exceptions",
            [
                "ContentTooLarge",
                "DatabaseUnavailable",
                "MalformedBatch",
                "TooManyOperations",
            ],
        ),
        ("testing", ["assert_multistatus", "get_codes", "get_results"]),
        (
            "formats.renderers",
            [
                "MultiStatusJSONRenderer",
                "MultiStatusTextXMLRenderer",
                "MultiStatusXMLRenderer",
            ],
        ),
        ("formats.parsers", ["MultiStatusTextXMLParser", "MultiStatusXMLParser"]),
        ("checks", ["check_settings", "check_viewsets"]),
        ("overrides.decisions", ["Decision", "Depth", "decide"]),
    ],
)
def test_public_names(module, names):
    found = vars(import_module(f"multistatus_app.{module}"))

    assert [name for name in names if name not in found] == []


def get_modules():
    return [
        each.name
        for each in pkgutil.walk_packages([str(PACKAGE)], prefix="multistatus_app.")
    ]


@pytest.mark.parametrize("name", ["multistatus_app", *get_modules()])
def test_module_says_what_it_is(name):
    assert re.match(r"\S.*[.:]", import_module(name).__doc__ or "", re.DOTALL)


@pytest.mark.parametrize("name", get_modules())
def test_all_is_true(name):
    module = import_module(name)

    for each in getattr(module, "__all__", ()):
        assert hasattr(module, each)


def test_version():
    assert re.fullmatch(r"\d+\.\d+\.\d+", multistatus_app.__version__)
    assert [name for name in vars(multistatus_app) if not name.startswith("_")] == [
        name
        for name in vars(multistatus_app)
        if f"multistatus_app.{name}" in sys.modules or name == "annotations"
    ]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Return a wheel built from a copy, so that nothing is left behind here."""
    pytest.importorskip("hatchling", reason="Builds the wheel.")
    copy, target = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("wheel")
    for name in ("multistatus_app", "demo_project", "tests"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, copy / name, ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE", "manage.py"):
        shutil.copy(ROOT / name, copy)
    run("-m", "pip", "--quiet", "--disable-pip-version-check", "wheel", "--no-deps",
        "--no-build-isolation", "--wheel-dir", str(target), ".",
        cwd=copy, PYTHONWARNINGS="default", PIP_NO_INDEX="1")  # fmt: skip
    (path,) = target.iterdir()
    with zipfile.ZipFile(path) as archive:
        yield archive


def test_wheel_contains_the_package_alone(wheel):
    expected = {
        str(path.relative_to(ROOT))
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    info = f"multistatus_app-{multistatus_app.__version__}.dist-info/"

    assert {each for each in wheel.namelist() if not each.startswith(info)} == expected
    assert expected >= {
        "multistatus_app/py.typed",
        "multistatus_app/templates/multistatus_app/api.html",
        "multistatus_app/management/commands/bulk_endpoints.py",
    }


def test_wheel_names_what_it_needs(wheel):
    info = f"multistatus_app-{multistatus_app.__version__}.dist-info"
    metadata = wheel.read(f"{info}/METADATA").decode()

    needed = re.findall(r"^Requires-Dist: ([\w-]+)[^;\n]*$", metadata, re.MULTILINE)
    assert sorted(needed) == ["defusedxml", "django", "djangorestframework"]
    assert re.findall(r"^Provides-Extra: (.+)$", metadata, re.MULTILINE) == [
        "demo",
        "openapi",
    ]
    assert f"{info}/licenses/LICENSE" in wheel.namelist()


WITHOUT_SPECTACULAR = """
import pkgutil
import sys

sys.modules["drf_spectacular"] = None  # as if it were not installed

import django
from django.conf import settings
from django.db import connection

settings.configure(
    SECRET_KEY="none",
    ALLOWED_HOSTS=["testserver"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "rest_framework",
        "multistatus_app",
        "tests.shop",
    ],
    ROOT_URLCONF="urls",
    TEMPLATES=[{
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
    }],
    USE_TZ=True,
)
django.setup()

from importlib import import_module

import multistatus_app

for each in pkgutil.walk_packages(multistatus_app.__path__, "multistatus_app."):
    if not each.name.startswith("multistatus_app.openapi"):
        import_module(each.name)

from types import ModuleType

from django.core.management import call_command
from rest_framework.routers import DefaultRouter
from rest_framework.test import APIClient

from multistatus_app.testing import assert_multistatus
from multistatus_app.viewsets import BulkModelViewSet
from tests.shop.models import Category
from tests.shop.serializers import CategorySerializer


class CategoryViewSet(BulkModelViewSet):
    queryset = Category.objects.all()
    serializer_class = CategorySerializer


router = DefaultRouter()
router.register("categories", CategoryViewSet)
urls = sys.modules["urls"] = ModuleType("urls")
urls.urlpatterns = router.urls

call_command("check", fail_level="WARNING")
call_command("migrate", run_syncdb=True, verbosity=0)
for accept in ("application/json", "application/xml", "text/html"):
    response = APIClient().post(
        "/categories/bulk/",
        [{"name": accept}, {"name": accept}],
        format="json",
        headers={"accept": accept},
    )
    assert_multistatus(response, [201, 400])
    print(response.headers["Content-Type"])
assert not any(name.startswith("drf_spectacular.") for name in sys.modules)
"""


def test_without_spectacular():
    assert run("-c", WITHOUT_SPECTACULAR).splitlines() == [
        "System check identified no issues (0 silenced).",
        "application/json",
        "application/xml; charset=utf-8",
        "text/html; charset=utf-8",
    ]


def test_demo_checks_are_clean():
    pytest.importorskip("drf_spectacular", reason="The demo has OpenAPI pages.")

    out = run(
        "manage.py",
        "check",
        "--fail-level",
        "INFO",
        DJANGO_SETTINGS_MODULE="demo_project.settings",
    )

    assert out == "System check identified no issues (0 silenced).\n"


def test_demo_has_all_migrations(tmp_path):
    pytest.importorskip("drf_spectacular", reason="The demo has OpenAPI pages.")

    out = run(
        "manage.py",
        "makemigrations",
        "--check",
        "--dry-run",
        DJANGO_SETTINGS_MODULE="demo_project.settings",
        SQLITE_DB=str(tmp_path / "demo.sqlite3"),
    )

    assert out == "No changes detected\n"


def test_demo_lists_its_endpoints():
    pytest.importorskip("drf_spectacular", reason="The demo has OpenAPI pages.")

    out = run(
        "manage.py", "bulk_endpoints", DJANGO_SETTINGS_MODULE="demo_project.settings"
    )

    assert "  /api/cities/bulk/   5000   POST PUT PATCH DELETE\n" in out
