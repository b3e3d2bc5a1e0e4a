"""Each operation has the user that a request of its own would have had."""

from __future__ import annotations

import functools
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.utils.functional import cached_property
from rest_framework import authentication, permissions, serializers
from rest_framework.test import APIClient

from multistatus_app.handlers.users import rebuild
from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_statuses, op
from tests.conftest import Serve
from tests.factories import CategoryFactory, UserFactory
from tests.shop import serializers as shop
from tests.shop.models import Category

pytestmark = pytest.mark.django_db

User: Any = get_user_model()


class UserSerializer(serializers.ModelSerializer[Any]):
    """What may be changed of a user."""

    class Meta:
        model = User
        fields = ["id", "email", "first_name", "is_staff", "is_active"]


class IsStaff(permissions.BasePermission):
    """Only staff."""

    def has_permission(self, request: Any, view: Any) -> bool:
        """Ask the user."""
        return bool(request.user.is_staff)


def make_view(**members: Any) -> Any:
    """Return a viewset of users."""
    stock = {"queryset": User.objects.all(), "serializer_class": UserSerializer}
    return type("MadeViewSet", (BulkModelViewSet,), stock | members)


@pytest.fixture
def me(api: APIClient) -> Any:
    """Return the user who is logged in, and whom each request reads."""
    user: Any = UserFactory(is_staff=True, email="old@example.com")
    api.force_login(user)
    return user


def test_who_gives_up_a_right_has_it_no_longer(
    api: APIClient, serve: Serve, me: Any
) -> None:
    serve(make_view(permission_classes=[IsStaff]))
    other = UserFactory()

    response = api.patch(
        "/things/bulk/",
        [{"id": me.pk, "is_staff": False}, {"id": other.pk, "email": "a@example.com"}],
    )

    assert get_statuses(response) == [200, 403]
    other.refresh_from_db()
    assert other.email == ""


def test_a_right_that_was_not_given_up_after_all(
    api: APIClient, serve: Serve, me: Any
) -> None:
    def perform_update(self: Any, serializer: Any) -> None:
        if not serializer.save().is_staff:
            raise serializers.ValidationError("Somebody has to be.")

    serve(make_view(permission_classes=[IsStaff], perform_update=perform_update))

    response = api.patch(
        "/things/bulk/",
        [{"id": me.pk, "is_staff": False}, {"id": me.pk, "first_name": "Ada"}],
    )

    assert get_statuses(response) == [400, 200]


def test_saving_the_user_keeps_what_an_earlier_operation_changed(
    api: APIClient, serve: Serve, me: Any
) -> None:
    def perform_update(self: Any, serializer: Any) -> None:
        if serializer.save().pk != me.pk:
            self.request.user.last_name = "seen"
            self.request.user.save()

    serve(make_view(perform_update=perform_update))

    response = api.patch(
        "/things/bulk/",
        [
            {"id": me.pk, "email": "new@example.com"},
            {"id": UserFactory().pk, "first_name": "Ada"},
        ],
    )

    assert get_statuses(response) == [200, 200]
    me.refresh_from_db()
    assert (me.email, me.last_name) == ("new@example.com", "seen")


@pytest.mark.parametrize("replayable", [False, True])
def test_what_a_failed_operation_did_to_the_user_is_not_seen(
    api: APIClient, serve: Serve, me: Any, replayable: bool
) -> None:
    def perform_create(self: Any, serializer: Any) -> None:
        user = self.request.user
        user.last_name += "x"
        user.save()
        if serializer.save().name == "bad":
            raise serializers.ValidationError("No.")

    serve(
        make_view(
            queryset=Category.objects.all(),
            serializer_class=shop.CategorySerializer,
            perform_create=perform_create,
            bulk_replayable=replayable,
        )
    )

    response = api.post("/things/bulk/", [{"name": "bad"}, {"name": "a"}])

    assert get_statuses(response) == [400, 201]
    me.refresh_from_db()
    assert me.last_name == "x"


@pytest.mark.parametrize(
    ("schemes", "status"),
    [
        ([authentication.BasicAuthentication, authentication.SessionAuthentication],
         401),
        ([authentication.SessionAuthentication], 403),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    ("first", "done"),
    [
        (lambda key: op("DELETE", key), 204),
        (lambda key: op("PATCH", key, {"is_active": False}), 200),
    ],
    ids=["deleted", "deactivated"],
)
def test_who_is_gone_may_nothing_more(
    api: APIClient,
    serve: Serve,
    me: Any,
    schemes: Any,
    status: int,
    first: Any,
    done: int,
) -> None:
    serve(
        make_view(
            authentication_classes=schemes,
            permission_classes=[permissions.IsAuthenticated],
        )
    )
    other = UserFactory()

    response = api.post(
        "/things/batch/",
        batch(
            op("PATCH", other.pk, {"email": "a@example.com"}),
            first(me.pk),
            op("PATCH", other.pk, {"email": "b@example.com"}),
            op("DELETE", other.pk),
        ),
    )

    assert get_statuses(response) == [200, done, status, status]
    assert User.objects.get(pk=other.pk).email == "a@example.com"


def test_who_was_never_active_stays_who_it_is(
    api: APIClient, serve: Serve, me: Any
) -> None:
    """A scheme of the project's own may not ask."""
    serve(make_view(permission_classes=[permissions.IsAuthenticated]))
    User.objects.filter(pk=me.pk).update(is_active=False)
    api.force_authenticate(User.objects.get(pk=me.pk))

    response = api.patch(
        "/things/bulk/", [{"id": me.pk, "first_name": name} for name in ("Ada", "Eva")]
    )

    assert get_statuses(response) == [200, 200]


@pytest.mark.parametrize("replayable", [False, True])
def test_who_is_back_after_a_replay(
    api: APIClient, serve: Serve, me: Any, replayable: bool
) -> None:
    def perform_update(self: Any, serializer: Any) -> None:
        if serializer.save().first_name == "late":
            raise serializers.ValidationError("Too late.")

    def get_permissions(self: Any) -> list[Any]:
        # What is refused has left no trace, and would not be replayed.
        late = self.request.data.get("first_name") == "late"
        return [] if late else [permissions.IsAuthenticated()]

    serve(
        make_view(
            perform_update=perform_update,
            get_permissions=get_permissions,
            bulk_replayable=replayable,
        )
    )
    other = UserFactory()

    response = api.patch(
        "/things/bulk/",
        [
            {"id": other.pk, "first_name": "Ada"},
            {"id": me.pk, "is_active": False},
            {"id": other.pk, "first_name": "late"},
            {"id": other.pk, "first_name": "Eva"},
        ],
    )

    assert get_statuses(response) == [200, 200, 400, 403]


def count_queries(api: APIClient, count: int, prefix: str) -> tuple[int, int]:
    """Return how many queries so many creates cost, and those for permissions."""
    body = [{"name": f"{prefix}-{count}-{index}"} for index in range(count)]
    with CaptureQueriesContext(connection) as queries:
        response = api.post("/things/bulk/", body)
    assert get_statuses(response) == [201] * count
    asked = [each for each in queries if "auth_permission" in each["sql"]]
    return len(queries), len(asked)


def test_permissions_are_looked_up_once_for_a_set(
    api: APIClient, serve: Serve, me: Any
) -> None:
    me.user_permissions.add(Permission.objects.get(codename="add_category"))
    serve(
        make_view(
            queryset=Category.objects.all(),
            serializer_class=shop.CategorySerializer,
            permission_classes=[permissions.DjangoModelPermissions],
        )
    )

    alone, of_a_set, of_a_larger_set = (
        count_queries(api, count, f"of {count}")[1] for count in (2, 10, 20)
    )

    assert alone > 0
    assert of_a_set == of_a_larger_set


class Tenants(authentication.BaseAuthentication):
    """Hangs a tenant on the user, and the user on its tenant."""

    def authenticate(self, request: Any) -> Any:
        """Find both."""
        user = User.objects.get()
        user.tenant = Category.objects.get(name="tenant")
        user.tenant.member = user
        return user, None


def serve_categories(serve: Serve, perform_create: Any, **members: Any) -> None:
    """Serve a viewset of categories."""
    stock = {
        "queryset": Category.objects.all(),
        "serializer_class": shop.CategorySerializer,
    }
    serve(make_view(**stock, perform_create=perform_create, **members))


def test_what_hangs_on_the_user_outlives_a_write_to_it(
    api: APIClient, serve: Serve
) -> None:
    """Also where it leads back to the user."""
    user: Any = UserFactory()
    CategoryFactory(name="tenant")
    seen = []

    def perform_create(self: Any, serializer: Any) -> None:
        me = self.request.user
        seen.append((me.first_name, me.tenant.name, me.tenant.member is me))
        me.first_name += "x"
        me.save()
        serializer.save(parent=me.tenant)

    serve_categories(serve, perform_create, authentication_classes=[Tenants])

    response = api.post("/things/bulk/", [{"name": name} for name in "abc"])

    assert get_statuses(response) == [201] * 3
    assert seen == [(names, "tenant", True) for names in ("", "x", "xx")]
    user.refresh_from_db()
    assert user.first_name == "xxx"


def test_sql_that_nobody_reads_may_be_about_the_user(
    api: APIClient, serve: Serve, me: Any
) -> None:
    seen = []

    def perform_create(self: Any, serializer: Any) -> None:
        seen.append(self.request.user.last_name)
        with connection.cursor() as cursor:
            cursor.execute(
                "update auth_user set last_name = 'new' where id = %s", [me.pk]
            )
        serializer.save()

    serve_categories(serve, perform_create)

    api.post("/things/bulk/", [{"name": "a"}, {"name": "b"}])

    assert seen == ["", "new"]


class Member(models.Model):
    """A user who looks things up, in no table."""

    class Meta:
        app_label = "users"
        managed = False

    def __str__(self) -> str:
        return str(self.pk)

    @cached_property
    def teams(self) -> list[str]:
        """Look them up."""
        return ["a"]

    @functools.cached_property
    def roles(self) -> list[str]:
        """Look them up."""
        return ["b"]


def test_what_a_user_has_looked_up_is_looked_up_anew() -> None:
    user = Member(pk=1)
    user.tenant = user.teams + user.roles  # type: ignore[attr-defined]

    made = rebuild(user)

    assert vars(made).keys() & {"teams", "roles", "tenant"} == {"tenant"}
