"""Makes the tables from the models as they are, after the users they refer to."""

from __future__ import annotations

from django.apps import apps
from django.conf import settings
from django.db import migrations
from django.db.migrations.state import ModelState


class Migration(migrations.Migration):
    """One for all: tests have no past."""

    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        migrations.CreateModel(
            state.name, list(state.fields.items()), state.options, state.bases
        )
        for state in map(
            ModelState.from_model, apps.get_app_config("shop").get_models()
        )
    ]
