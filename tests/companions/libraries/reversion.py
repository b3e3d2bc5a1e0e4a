"""A revision for each action of the viewset, with the version of each row."""

from __future__ import annotations

import reversion

from tests.companions.places import Place, make_viewset

PACKAGES = ("django-reversion",)
APPS = ("reversion",)
FILLS = ("reversion_version",)
LINE = "`create_revision()` around the actions, not a `RevisionMixin` around the view"
VOLATILE = ("reversion_revision.date_created",)


@reversion.register()
class City(Place):
    pass


class _Actions:
    @reversion.create_revision()
    def create(self, request, *args, **kwargs):
        reversion.set_user(request.user)
        return super().create(request, *args, **kwargs)

    @reversion.create_revision()
    def update(self, request, *args, **kwargs):
        reversion.set_user(request.user)
        return super().update(request, *args, **kwargs)

    @reversion.create_revision()
    def destroy(self, request, *args, **kwargs):
        reversion.set_user(request.user)
        return super().destroy(request, *args, **kwargs)


CityViewSet = make_viewset(City, None, _Actions)
