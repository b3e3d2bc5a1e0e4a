"""An action in the stream for each city that is made."""

from __future__ import annotations

from actstream import action

from tests.companions.places import Place, make_viewset

PACKAGES = ("django-activity-stream",)
APPS = ("actstream",)
FILLS = ("actstream_action",)


class City(Place):
    pass


class _Streaming:
    def perform_create(self, serializer):
        super().perform_create(serializer)
        action.send(self.request.user, verb="made", target=serializer.instance)


CityViewSet = make_viewset(City, None, _Streaming)


def ready() -> None:
    from actstream import registry
    from django.contrib.auth import get_user_model

    registry.register(City, get_user_model())
