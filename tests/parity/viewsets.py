"""Viewsets put together at random, and the routes to them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

from django.contrib.auth.models import User
from django.urls import include, path
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import ModelViewSet

from multistatus_app.mixins import BulkModelMixin
from tests.parity.resources import RESOURCES, Resource
from tests.parity.traits import TRAITS


class UserAuthentication(BaseAuthentication):
    """`Authorization: User ann`."""

    def authenticate(self, request: Any) -> Any:
        """Return the user whom the header names."""
        scheme, _, name = request.headers.get("Authorization", "").partition(" ")
        if scheme != "User":
            return None
        user = User.objects.filter(username=name).first()
        if user is None:
            raise AuthenticationFailed("Nobody has that name.")
        return user, f"token of {name}"

    def authenticate_header(self, request: Any) -> str:
        """Return the scheme."""
        return "User"


OPTIONS: dict[str, dict[str, Any]] = {
    "none": {},
    "replayable": {"bulk_replayable": True},
    "lock": {"bulk_lock": "wait"},
    "commits": {"bulk_commit_every": 2},
}
"""Attributes of the mixin that change how a batch is run, not what it does."""


@dataclass(frozen=True)
class Spec:
    """What a viewset is made of."""

    resource: str
    serializer: str = "stock"
    lookup: str = "pk"
    traits: tuple[str, ...] = ()
    mixin_first: bool = False
    route: str = "plain"
    option: str = "none"

    @property
    def replays(self) -> bool:
        """Whether hooks may run twice."""
        return self.option == "replayable"

    @property
    def about(self) -> Resource:
        """The resource."""
        return RESOURCES[self.resource]

    @property
    def keys(self) -> list[Any]:
        """The keys that clients name."""
        return self.about.lookups[self.lookup][1]

    @property
    def path(self) -> str:
        """The path of the list."""
        return ("/acme" if self.route == "tenant" else "") + "/things"

    @property
    def slash(self) -> str:
        """What ends a path."""
        return "" if self.route == "noslash" else "/"


def make_viewset(spec: Spec) -> Any:
    """Return a viewset class."""
    about = spec.about
    traits = [TRAITS[name] for name in spec.traits]
    bases = [BulkModelMixin, *traits] if spec.mixin_first else [*traits, BulkModelMixin]
    attributes, _ = about.lookups[spec.lookup]
    return type(
        f"{about.model.__name__}ViewSet",
        (*bases, ModelViewSet),
        {
            "__module__": __name__,
            "authentication_classes": [UserAuthentication],
            "queryset": about.model.objects.all(),
            "serializer_class": about.serializers[spec.serializer],
            "resource": about,
            **attributes,
            **OPTIONS[spec.option],
        },
    )


@cache
def get_urlconf(spec: Spec) -> ModuleType:
    """Return the routes of a viewset."""
    router = SimpleRouter(
        trailing_slash=spec.route != "noslash",
        use_regex_path=spec.lookup != "converter",
    )
    router.register("things", make_viewset(spec), basename="thing")
    urlconf: Any = ModuleType("urlconf")
    urls: Any = include(router.urls)
    if spec.route == "namespace":
        urls = include((router.urls, "things"))
    urlconf.urlpatterns = [
        path("<slug:tenant>/" if spec.route == "tenant" else "", urls)
    ]
    return urlconf  # type: ignore[no-any-return]
