"""The project that a library is installed in: settings, app, tables."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import django
from django.apps import AppConfig
from django.conf import settings

from demo_project.databases import get_database
from tests.companions.manifests import Manifest, read

_MIDDLEWARE: Final = (
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
)
_APPS: Final = (
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "rest_framework",
    "multistatus_app",
)


class CompanionsConfig(AppConfig):
    """The app of the project; the module of the library holds its models."""

    name = "tests.companions"
    label = "companions"
    path = str(Path(__file__).parent)

    def import_models(self) -> None:
        """Import the module of the library."""
        self.models = self.apps.all_models[self.label]
        self.models_module = get_library()

    def ready(self) -> None:
        """Run what the module wants to be run once all models are there."""
        getattr(get_library(), "ready", lambda: None)()


class _NoMigrations(dict[str, Any]):
    """Tables are made from models: migrations take longer than all else."""

    def __init__(self, but_of: tuple[str, ...]) -> None:
        self.but_of = but_of

    def __contains__(self, label: object) -> bool:
        return label not in self.but_of

    def __getitem__(self, label: str) -> None:
        return None


def get_library() -> ModuleType:
    """Return the module of the library that this process is about."""
    return import_module(f"tests.companions.libraries.{settings.COMPANION.name}")


def set_up(name: str, vendor: str) -> Manifest:
    """Set up Django for a library, with tables on a database of the vendor."""
    manifest = read(name)
    settings.configure(**_get_settings(manifest, vendor))
    django.setup()
    logging.disable(logging.CRITICAL)
    from django.db import connection

    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    getattr(get_library(), "make_tables", lambda: None)()
    return manifest


def tear_down() -> None:
    """Drop the database, and the files."""
    from django.db import connection

    connection.creation.destroy_test_db("", verbosity=0)
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)


def _get_settings(manifest: Manifest, vendor: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "COMPANION": manifest,
        "SECRET_KEY": "tests keep no secret, but some libraries want a long one",
        "ALLOWED_HOSTS": ["*"],
        "ROOT_URLCONF": "tests.companions.urls",
        "INSTALLED_APPS": [
            *_APPS,
            *manifest.APPS,
            "tests.companions.host.CompanionsConfig",
            *manifest.APPS_AFTER,
        ],
        "MIDDLEWARE": [
            *manifest.MIDDLEWARE_FIRST,
            *_MIDDLEWARE,
            *manifest.MIDDLEWARE,
        ],
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ],
                },
            },
        ],
        "DATABASES": {"default": _get_database(manifest, vendor)},
        "MIGRATION_MODULES": _NoMigrations(manifest.MIGRATES),
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "STATIC_URL": "/static/",
        "MEDIA_ROOT": tempfile.mkdtemp(prefix="companions-"),
        "MEDIA_URL": "/media/",
        "USE_TZ": True,
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
        "REST_FRAMEWORK": {
            "DEFAULT_AUTHENTICATION_CLASSES": [
                "rest_framework.authentication.SessionAuthentication"
            ],
            "TEST_REQUEST_DEFAULT_FORMAT": "json",
        }
        | (manifest.REST_FRAMEWORK or {}),
        "LOGGING_CONFIG": None,
    }
    return made | (manifest.SETTINGS or {})


def _get_database(manifest: Manifest, vendor: str) -> dict[str, Any]:
    if vendor == "sqlite":
        made = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
    else:
        name = f"companions_{manifest.name}_{os.getpid()}"
        made = get_database(vendor) | {"TEST": {"NAME": name}}
    if manifest.ENGINE is not None:
        made["ENGINE"] = manifest.ENGINE
    return made
