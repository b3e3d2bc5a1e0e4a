"""A row for each change of a field."""

from __future__ import annotations

from field_history.tracker import FieldHistoryTracker

from tests.companions.places import Place

PACKAGES = ("django-field-history",)
APPS = ("field_history",)
FILLS = ("field_history_fieldhistory",)


class City(Place):
    field_history = FieldHistoryTracker(["population"])
