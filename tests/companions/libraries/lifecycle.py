"""Hooks of the model's life, which write rows of another."""

from __future__ import annotations

from django.db import models
from django_lifecycle import LifecycleModelMixin, hook
from django_lifecycle.hooks import (
    AFTER_CREATE,
    AFTER_DELETE,
    AFTER_UPDATE,
    BEFORE_UPDATE,
)

from tests.companions.places import Place

PACKAGES = ("django-lifecycle",)
APPS = ("django_lifecycle_checks",)
FILLS = ("companions_line",)


class Line(models.Model):
    text = models.CharField(max_length=200)


class City(LifecycleModelMixin, Place):
    updates = models.IntegerField(default=0)

    @hook(BEFORE_UPDATE, when="population", has_changed=True)
    def count(self):
        self.updates += 1

    @hook(AFTER_CREATE)
    def note_create(self):
        Line.objects.create(text=f"created {self.name}")

    @hook(AFTER_UPDATE, when="population", has_changed=True)
    def note_update(self):
        before = self.initial_value("population")
        Line.objects.create(text=f"{before} to {self.population}")

    @hook(AFTER_DELETE)
    def note_delete(self):
        Line.objects.create(text=f"deleted {self.name}")
