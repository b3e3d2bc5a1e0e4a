"""What of a viewset must be run for each operation at its place."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest
from rest_framework import permissions, serializers
from rest_framework.views import APIView

from multistatus_app.overrides.decisions import Depth, decide
from tests.overrides.made import (
    CHANGES,
    DECIDED,
    HERE,
    METHODS,
    SAVES,
    check,
    destroy_only,
    make_serializer,
    make_view,
    override,
    save_and_say,
    save_with_owner,
)
from tests.shop import views

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    "view",
    [views.ProductViewSet, views.SkuViewSet, views.ParcelViewSet, make_view()],
    ids=lambda view: view.__name__,
)
@pytest.mark.parametrize("method", METHODS)
def test_stock(view: Any, method: str) -> None:
    assert decide(view, method) == DECIDED


@pytest.mark.parametrize(
    ("name", "methods"),
    [
        ("finalize_response", METHODS),
        ("get_object", (*CHANGES, "DELETE")),
        ("get_success_headers", ("POST",)),
        ("initialize_request", METHODS),
        ("initial", METHODS),
        ("perform_authentication", METHODS),
        ("determine_version", METHODS),
        ("check_permissions", METHODS),
        ("check_object_permissions", METHODS),
        ("get_permissions", ()),
        ("get_serializer_class", ()),
        ("get_serializer_context", ()),
        ("perform_create", ("POST",)),
        ("perform_update", CHANGES),
        ("perform_destroy", ("DELETE",)),
        ("list", ()),
        ("get_queryset", ()),
        ("filter_queryset", ()),
        ("handle_exception", ("POST", "PUT", "PATCH", "DELETE")),
    ],
)
def test_override_in_a_view(name: str, methods: tuple[str, ...]) -> None:
    view = make_view(**override(name))

    reason = f"{name} is overridden by {HERE}.MadeViewSet"
    check(view, dict.fromkeys(methods, reason))


def test_hooks_that_end_with_save() -> None:
    check(make_view(perform_create=save_with_owner, perform_update=save_with_owner), {})


def test_hooks_that_do_not() -> None:
    view = make_view(
        perform_create=save_and_say,
        perform_update=save_and_say,
        perform_destroy=destroy_only,
    )

    reason = f"{{}} is overridden by {HERE}.MadeViewSet"
    check(
        view,
        {
            "POST": reason.format("perform_create"),
            "PUT": reason.format("perform_update"),
            "PATCH": reason.format("perform_update"),
            "DELETE": reason.format("perform_destroy"),
        },
    )


@pytest.mark.parametrize(
    "name", ["permission_classes", "queryset", "serializer_class", "request"]
)
def test_property(name: str) -> None:
    view = make_view(**{name: property(lambda self: None)})

    reason = f"{name} of {HERE}.MadeViewSet is a property"
    check(view, dict.fromkeys(METHODS, reason))


@pytest.mark.parametrize("name", ["create", "save"])
def test_patch_of_a_class_of_drf(name: str) -> None:
    with mock.patch.object(serializers.ModelSerializer, name, destroy_only):
        [reason] = decide(make_view(), "POST").reasons

    assert reason == (
        f"{name}() is overridden by rest_framework.serializers.ModelSerializer"
    )


def test_patch_of_an_action_of_drf() -> None:
    with mock.patch.object(APIView, "initial", destroy_only):
        assert decide(make_view(), "POST").reasons == (
            "initial is overridden by rest_framework.views.APIView",
        )


def test_what_must_not_run_early() -> None:
    check(
        make_view(bulk_columns=False), dict.fromkeys(METHODS, "bulk_columns is False")
    )


def test_lock() -> None:
    reason = "bulk_lock is 'nowait'"

    check(
        make_view(bulk_lock="nowait"),
        dict.fromkeys(("PUT", "PATCH", "DELETE"), reason),
    )


class Own(permissions.BasePermission):
    """Looks at who knows what."""


class Once(Own):
    """Must not run early, or twice."""

    bulk_columns = False


ONCE = f"bulk_columns of {__name__}.Once is False"


@pytest.mark.parametrize(
    ("permission", "reason"),
    [
        (permissions.AllowAny, None),
        (permissions.IsAuthenticated, None),
        (permissions.DjangoModelPermissions, None),
        (Own, None),
        (~Own, None),
        (Once, ONCE),
        (permissions.IsAdminUser & Once, ONCE),
        (Once | permissions.IsAdminUser, ONCE),
        (permissions.AllowAny & (Own | ~Once), ONCE),
    ],
)
def test_permissions(permission: Any, reason: str | None) -> None:
    view = make_view(permission_classes=[permissions.AllowAny, permission])

    check(view, dict.fromkeys(METHODS, reason) if reason else {})


@pytest.mark.parametrize(
    "members",
    [
        override("initial"),
        override("check_permissions"),
        override("check_object_permissions"),
    ],
)
def test_replayable(members: dict[str, Any]) -> None:
    """What is around an action may write. Here it may run twice, so also beforehand."""
    assert decide(make_view(**members), "POST").depth is Depth.SINGLY

    check(make_view(**members, bulk_replayable=True), {})


@pytest.mark.parametrize(
    ("members", "reasons"),
    [
        (
            {"bulk_lock": "wait"},
            dict.fromkeys(("PUT", "PATCH", "DELETE"), "bulk_lock is 'wait'"),
        ),
        (
            {"perform_create": save_and_say},
            {"POST": f"perform_create is overridden by {HERE}.MadeViewSet"},
        ),
        (
            override("finalize_response"),
            dict.fromkeys(
                METHODS, f"finalize_response is overridden by {HERE}.MadeViewSet"
            ),
        ),
        (
            override("get_object"),
            dict.fromkeys(
                ("PUT", "PATCH", "DELETE"),
                f"get_object is overridden by {HERE}.MadeViewSet",
            ),
        ),
        (
            {"serializer_class": make_serializer(**override("save"))},
            dict.fromkeys(SAVES, f"save() is overridden by {HERE}.MadeSerializer"),
        ),
    ],
)
def test_what_replaying_does_not_allow(
    members: dict[str, Any], reasons: dict[str, str]
) -> None:
    check(make_view(**members, bulk_replayable=True), reasons)


def test_no_model() -> None:
    view = make_view(queryset=None, serializer_class=None)

    check(view, dict.fromkeys(METHODS, "the viewset names no model"))
