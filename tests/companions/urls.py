"""The URLs of the project: the library's own, or a viewset at `cities/`.

At `late/` the same viewset refuses after it has written.
"""

from __future__ import annotations

from typing import Any, Final

from rest_framework.exceptions import ValidationError
from rest_framework.routers import SimpleRouter

from tests.companions.host import get_library
from tests.companions.places import make_viewset

LATE: Final = 13
"""The population of a city that is refused after it was written."""


def _make_late(viewset: Any) -> Any:
    class LateViewSet(viewset):
        def perform_create(self, serializer: Any) -> None:
            super().perform_create(serializer)
            _refuse(serializer.instance)

        def perform_update(self, serializer: Any) -> None:
            super().perform_update(serializer)
            _refuse(serializer.instance)

        def perform_destroy(self, instance: Any) -> None:
            is_refused = instance.name == "Late"
            super().perform_destroy(instance)
            if is_refused:
                raise ValidationError("Too late.")

    return LateViewSet


def _refuse(instance: Any) -> None:
    if instance.population == LATE:
        raise ValidationError("Too late.")


def _get_patterns() -> list[Any]:
    library = get_library()
    if hasattr(library, "urlpatterns"):
        return list(library.urlpatterns)
    viewset = getattr(library, "CityViewSet", None)
    if hasattr(library, "get_viewset"):
        viewset = library.get_viewset()
    if viewset is None:
        viewset = make_viewset(library.City, getattr(library, "CitySerializer", None))
    router = SimpleRouter()
    router.register("cities", viewset, basename="city")
    if hasattr(viewset, "perform_create"):
        router.register("late", _make_late(viewset), basename="late")
    return router.urls + getattr(library, "get_urlpatterns", list)()


urlpatterns = _get_patterns()
