"""Makes the tables from the models as they are, after the users they refer to."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import migrations


def create_tables(state: Any, editor: Any) -> None:
    """Create every table of the app."""
    for model in apps.get_app_config("parity").get_models():
        if not model._meta.proxy:
            editor.create_model(model)


class Migration(migrations.Migration):
    """One for all: tests have no past."""

    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [migrations.RunPython(create_tables, atomic=False)]
