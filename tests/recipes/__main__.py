"""Tells a section of a page: makes its project, sets it up, and runs the rest.

python -m tests.recipes PAGE TITLE [--replace OLD NEW]
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import django

from tests.recipes.stories import Section, read, read_quick_start

_SETTINGS: Final = """\
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = "tests keep no secret"
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes"]
MIDDLEWARE = []
ROOT_URLCONF = "mysite.urls"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MEDIA_ROOT = BASE_DIR / "media"
USE_TZ = True
REST_FRAMEWORK = {"TEST_REQUEST_DEFAULT_FORMAT": "json"}
"""


def main() -> None:
    """Tell it."""
    parser = argparse.ArgumentParser(prog="tests.recipes")
    parser.add_argument("page", type=Path)
    parser.add_argument("title")
    parser.add_argument("--replace", nargs=2, default=("", ""), help="in all files")
    arguments = parser.parse_args()
    [section] = [each for each in read(arguments.page) if each.title == arguments.title]
    with tempfile.TemporaryDirectory() as directory:
        make_project(Path(directory), section, *arguments.replace)
        sys.path.insert(0, directory)
        tell(section)


def make_project(directory: Path, section: Section, old: str, new: str) -> None:
    """Write the files of the quick start, and over them those of a section."""
    quick_start = read_quick_start()
    settings = [quick_start.pop("mysite/settings.py")]
    files = {"mysite/__init__.py": "", "places/__init__.py": ""} | quick_start
    files |= section.files
    if "mysite/settings.py" in section.files:
        settings.append(files["mysite/settings.py"])
    additions = [each.replace("= [\n    ...,", "+= [") for each in settings]
    files["mysite/settings.py"] = "\n".join([_SETTINGS, *additions])
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text.replace(old, new) if old else text)


def tell(section: Section) -> None:
    """Set the project up, make its tables, and run what has no file."""
    import os

    os.environ["DJANGO_SETTINGS_MODULE"] = "mysite.settings"
    django.setup()
    logging.disable(logging.CRITICAL)
    from django.core.management import call_command
    from rest_framework.test import APIClient

    for name in ("places.receivers", "places.metrics", "places.tracing"):
        if name.replace(".", "/") + ".py" in section.files:
            import_module(name)
    call_command("migrate", run_syncdb=True, verbosity=0)
    namespace: dict[str, Any] = {"api": APIClient(raise_request_exception=False)}
    code = compile(section.script, section.title, "exec")
    exec(code, namespace)  # noqa: S102  # our own pages


if __name__ == "__main__":
    main()
