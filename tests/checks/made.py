"""Viewsets and patterns that several tests of checks have."""

from __future__ import annotations

from django.urls import include, path
from rest_framework import viewsets
from rest_framework.routers import SimpleRouter

from multistatus_app.viewsets import BulkModelViewSet
from tests.shop import models, serializers


class EventViewSet(BulkModelViewSet):
    queryset = models.Event.objects.all()
    serializer_class = serializers.EventSerializer


SINGLES = path("events/", EventViewSet.as_view({"post": "create"}), name="event-list")


def route(viewset, prefix="events", *, router=SimpleRouter, **kwargs):
    """Return a pattern that leads to what a router makes."""
    made = router()
    made.register(prefix, viewset, **kwargs)
    return path("", include(made.urls))


def catch(request, **kwargs):
    raise NotImplementedError


class ReadViewSet(viewsets.ReadOnlyModelViewSet):
    queryset = models.Event.objects.all()
