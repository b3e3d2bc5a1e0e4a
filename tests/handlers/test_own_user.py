"""The user of an operation, and what hangs on it, is its own affair."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils.functional import SimpleLazyObject
from rest_framework import authentication, permissions
from rest_framework.test import APIClient

from multistatus_app.handlers.users import rebuild
from tests.answers import get_statuses
from tests.conftest import Serve
from tests.factories import CategoryFactory, ProductFactory, UserFactory
from tests.handlers.viewsets import make_view, run, serve_hook
from tests.shop import serializers as shop
from tests.shop.models import Product

pytestmark = pytest.mark.django_db

User: Any = get_user_model()
SEEN: list[Any] = []


@pytest.fixture(autouse=True)
def _forget() -> None:
    SEEN.clear()


class Hanging(authentication.BaseAuthentication):
    """Hangs things on the user, as libraries do."""

    def authenticate(self, request: Any) -> Any:
        """Make it."""
        user = User.objects.get()
        user.claims = {"scopes": ["read"]}
        user.organisation = CategoryFactory(name="org")
        user.level = 3
        return user, {"token": ["a"]}


def test_what_an_authenticator_hung_on_the_user(api: APIClient, serve: Serve) -> None:
    organisations = []

    def hook(view: Any) -> None:
        user = view.request.user
        SEEN.append((user.level, user.claims["scopes"][:], user.organisation.name,
                     user.username, user.pk))  # fmt: skip
        user.claims["scopes"].append("write")
        user.organisation.name = user.username = "changed"
        user.level += 1
        organisations.append(user.organisation)

    serve_hook(serve, hook, authentication_classes=[Hanging])
    user: Any = UserFactory(username="ann")

    run(api)

    assert [(3, ["read"], "org", "ann", user.pk)] * 3 == SEEN
    assert len({each.pk for each in organisations}) == 1


def test_nobody(api: APIClient, serve: Serve) -> None:
    def hook(view: Any) -> None:
        user = view.request.user
        SEEN.append((type(user), user.is_authenticated, hasattr(user, "mark"),
                     view.request.auth))  # fmt: skip
        user.mark = True

    serve_hook(serve, hook)

    run(api)

    assert [(AnonymousUser, False, False, None)] * 3 == SEEN


def test_the_user_of_the_session_is_lazy(api: APIClient, serve: Serve) -> None:
    """The one of the HttpRequest, for code that asks there."""

    def hook(view: Any) -> None:
        user = view.request._request.user
        SEEN.append((user.username, user == view.request.user, user.is_active))
        user.username = "changed"

    serve_hook(serve, hook)
    user: Any = UserFactory(username="ann")
    api.force_login(user)

    run(api)

    assert SEEN == [("ann", True, True)] * 3


class Account(models.Model):
    """A user with a JSON column, in no table."""

    name = models.CharField(max_length=9)
    quota = models.JSONField(default=dict)

    class Meta:
        app_label = "own_state"
        managed = False

    def __str__(self) -> str:
        return self.name


class TestRebuilding:
    """A user is made anew, not copied."""

    def test_columns(self) -> None:
        user = Account(pk=1, name="ann", quota={"left": [1]})
        user.note = ["a"]  # type: ignore[attr-defined]
        user._perm_cache = {"x"}  # type: ignore[attr-defined]

        made = rebuild(SimpleLazyObject(lambda: user))
        made.quota["left"].append(2)
        made.note.append("b")

        assert type(made) is Account
        assert made == user
        assert user.quota == {"left": [1]}
        assert user.note == ["a"]  # type: ignore[attr-defined]
        assert not hasattr(made, "_perm_cache")

    def test_init_is_run(self) -> None:
        """What `post_init` receivers keep belongs to the new one."""
        kept = []

        def keep(sender: Any, instance: Any, **kwargs: Any) -> None:
            instance.tracked = instance
            kept.append(instance)

        models.signals.post_init.connect(keep, sender=Account)
        try:
            user = Account(pk=1, name="ann")
            made = rebuild(user)
        finally:
            models.signals.post_init.disconnect(keep, sender=Account)

        assert made.tracked is made is not user
        assert kept == [user, made]

    def test_deferred_columns_stay_deferred(self) -> None:
        UserFactory()
        user = User.objects.only("username").get()

        assert rebuild(user).get_deferred_fields() == user.get_deferred_fields()

    def test_what_nobody_can_copy_is_shared(self) -> None:
        user = Account(pk=1, name="ann")
        locked = {"generator": (each for each in "a")}
        user.locked = locked  # type: ignore[attr-defined]
        user.service = object()  # type: ignore[attr-defined]

        made = rebuild(user)

        assert made.locked is locked
        assert made.service is user.service  # type: ignore[attr-defined]


@pytest.mark.parametrize("smallest", [1, None])
def test_related_rows_are_of_one_operation(
    api: APIClient, serve: Serve, settings: Any, smallest: int | None
) -> None:
    """A JSON column of a row that a relation found is changed by a hook that fails."""
    settings.MULTISTATUS = {"MIN_SET_SIZE": smallest}

    def perform_update(self: Any, serializer: Any) -> None:
        category = serializer.validated_data["category"]
        SEEN.append(vars(category).setdefault("seen", []))
        category.seen.append(1)
        serializer.save()

    serve(
        make_view(
            queryset=Product.objects.all(),
            serializer_class=shop.ProductSerializer,
            perform_update=perform_update,
        )
    )
    rows = ProductFactory.create_batch(3)
    category = CategoryFactory().pk

    response = api.patch(
        "/things/bulk/", [{"id": each.pk, "category": category} for each in rows]
    )

    assert get_statuses(response) == [200] * 3
    assert SEEN == [[1]] * 3


class ReadOnlyAuthentication(authentication.BaseAuthentication):
    """Hangs on the user what the token allows, as some do: by a private name."""

    def authenticate(self, request: Any) -> Any:
        """Find the user."""
        user = get_user_model().objects.get()
        user._is_read_only = True  # type: ignore[attr-defined]
        return user, "token"


class MayWrite(permissions.BasePermission):
    """Looks at that."""

    def has_permission(self, request: Any, view: Any) -> bool:
        """Refuse who may only read."""
        return not getattr(request.user, "_is_read_only", False)


def test_what_hangs_on_the_user_by_a_private_name_is_there(
    api: APIClient, serve: Serve
) -> None:
    UserFactory()
    serve(
        make_view(
            authentication_classes=[ReadOnlyAuthentication],
            permission_classes=[MayWrite],
        )
    )

    assert api.post("/things/", {"name": "a"}).status_code == 403
    assert api.post("/things/bulk/", [{"name": "a"}]).status_code == 403


class ScopeAuthentication(authentication.BaseAuthentication):
    """Says what the token allows."""

    def authenticate(self, request: Any) -> Any:
        """Find the user."""
        return get_user_model().objects.get(), {"scopes": ["write"]}


def test_what_is_added_to_auth_is_of_one_operation(
    api: APIClient, serve: Serve
) -> None:
    seen = []

    def hook(view: Any) -> None:
        seen.append(list(view.request.auth["scopes"]))
        view.request.auth["scopes"].append("admin")

    UserFactory()
    serve_hook(serve, hook, authentication_classes=[ScopeAuthentication])

    api.post("/things/bulk/", [{"name": "a"}, {"name": "b"}])

    assert seen == [["write"], ["write"]]
