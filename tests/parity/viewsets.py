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
from rest_framework.routers import Route, SimpleRouter
from rest_framework.viewsets import ModelViewSet

from multistatus_app.mixins import BulkModelMixin
from tests.parity.resources import RESOURCES, Resource
from tests.parity.stages import Mapped, wrap
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
    "alone": {"bulk_commit_every": 1},
}
"""Attributes of the mixin that change how a batch is run, not what it does.

But for `alone`: what fails leaves what it leaves singly.
"""


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
        (*bases, Mapped, ModelViewSet),
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


class OtherRouter(SimpleRouter):
    """Maps no PUT, and other actions than DRF's to PATCH and DELETE."""

    routes = [
        each._replace(
            mapping={"get": "retrieve", "patch": "amend", "delete": "archive"}
        )
        if isinstance(each, Route) and each.detail
        else each
        for each in SimpleRouter.routes
    ]


def _make_by_hand(viewset: Any) -> list[Any]:
    """Route a viewset as urls.py does; there is no DELETE."""
    key = viewset.lookup_url_kwarg or viewset.lookup_field
    return [
        path("things/", viewset.as_view({"get": "list", "post": "create"})),
        path("things/bulk/", viewset.as_view(
            dict.fromkeys(("post", "put", "patch", "delete"), "bulk")
        )),
        path("things/batch/", viewset.as_view({"post": "batch"})),
        path(f"things/<str:{key}>/", viewset.as_view(
            {"get": "retrieve", "put": "update", "patch": "partial_update"}
        ), name="one-thing"),
    ]  # fmt: skip


@cache
def get_urlconf(spec: Spec) -> ModuleType:
    """Return the routes of a viewset."""
    viewset = make_viewset(spec)
    if spec.route == "hand":
        patterns = _make_by_hand(viewset)
    else:
        router = (OtherRouter if spec.route == "other" else SimpleRouter)(
            trailing_slash=spec.route != "noslash",
            use_regex_path=spec.lookup != "converter",
        )
        router.register("things", viewset, basename="thing")
        patterns = router.urls
    if "Wrapped" in spec.traits:
        for each in patterns:
            if not hasattr(each.callback.cls, "bulk_kind"):
                each.callback = wrap(each.callback)
    urlconf: Any = ModuleType("urlconf")
    urls: Any = include(patterns)
    if spec.route == "namespace":
        urls = include((patterns, "things"))
    urlconf.urlpatterns = [
        path("<slug:tenant>/" if spec.route == "tenant" else "", urls)
    ]
    return urlconf  # type: ignore[no-any-return]
