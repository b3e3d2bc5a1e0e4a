"""`if_match` of an operation: its `If-Match` header, and the tag that its GET gives."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction
from rest_framework import exceptions, permissions
from rest_framework.response import Response
from rest_framework.test import APIClient

from multistatus_app.conditional import ETagMixin
from multistatus_app.signals import undone
from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import batch, get_details, get_results, get_statuses, op
from tests.conftest import Serve
from tests.factories import CategoryFactory
from tests.handlers.viewsets import get_names, make_view
from tests.shop.models import Category, Event

pytestmark = pytest.mark.django_db(transaction=True)

SEEN: list[Any] = []


@pytest.fixture(autouse=True)
def _forget() -> None:
    SEEN.clear()


class Required(exceptions.APIException):
    """A condition is needed."""

    status_code = 428
    default_detail = "Say which version you have."
    default_code = "precondition_required"


class TaggingMixin:
    """As libraries do: a tag on the GET, and no write without `If-Match`."""

    def retrieve(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Add the tag."""
        response: Response = super().retrieve(request, *args, **kwargs)  # type: ignore[misc]
        response["ETag"] = f'"of-{self.get_object().name}"'  # type: ignore[attr-defined]
        return response

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Refuse what has no condition."""
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        SEEN.append((self.action, request.headers.get("If-Match")))  # type: ignore[attr-defined]
        if request.method in ("PUT", "PATCH", "DELETE"):
            if "If-Match" not in request.headers:
                raise Required
            if request.headers["If-Match"] not in ("*", self.get_tag()):
                raise exceptions.APIException("The project compares, too.")

    def get_tag(self) -> str:
        """Make the tag."""
        return f'"of-{self.get_object().name}"'  # type: ignore[attr-defined]


@pytest.fixture
def row() -> Category:
    """Return a row."""
    row: Category = CategoryFactory(name="old")
    return row


class TestOfTheProject:
    """A project's own tags and conditions are those that hold."""

    @pytest.fixture(autouse=True)
    def _served(self, serve: Serve) -> None:
        serve(make_view(TaggingMixin, BulkModelViewSet))

    def test_success(self, api: APIClient, row: Category) -> None:
        tag = api.get(f"/things/{row.pk}/")["ETag"]
        single = api.patch(
            f"/things/{row.pk}/", {"name": "one"}, headers={"If-Match": tag}
        )
        SEEN.clear()

        response = api.post(
            "/things/batch/",
            batch(
                op("PATCH", row.pk, {"name": "two"}, if_match='"of-one"'),
                op("PUT", row.pk, {"name": "three"}, if_match='"of-two"'),
                op("DELETE", row.pk, if_match='"of-three"'),
            ),
        )

        assert single.status_code == 200
        assert get_statuses(response) == [200, 200, 204]
        # The GET of ours has no condition.
        assert SEEN == [
            ("retrieve", None), ("partial_update", '"of-one"'),
            ("retrieve", None), ("update", '"of-two"'),
            ("retrieve", None), ("destroy", '"of-three"'),
        ]  # fmt: skip

    def test_any(self, api: APIClient, row: Category) -> None:
        response = api.post(
            "/things/batch/", batch(op("PATCH", row.pk, {"name": "a"}, if_match="*"))
        )

        assert get_statuses(response) == [200]
        assert SEEN == [("partial_update", "*")]

    def test_fail(self, api: APIClient, row: Category) -> None:
        response = api.post(
            "/things/batch/",
            batch(
                op("PATCH", row.pk, {"name": "a"}),
                op("PATCH", row.pk, {"name": "b"}, if_match='"of-new"'),
                op("PATCH", 0, {"name": "c"}, if_match='"of-new"'),
            ),
        )

        assert get_statuses(response) == [428, 412, 404]
        assert get_results(response)[0]["error"]["code"] == "precondition_required"
        assert get_details(response)[1] == (
            'The resource has changed: its entity tag is now "of-old". Fetch it, and '
            "decide again."
        )
        assert get_names() == ["old"]


def get_current(api: APIClient, row: Category, **more: Any) -> str:
    """Read the tag off a refusal."""
    response = api.post(
        "/things/batch/",
        batch(op("PATCH", row.pk, {"name": "x"}, if_match='"no"', **more)),
    )
    (detail,) = get_details(response)
    assert get_statuses(response) == [412]
    assert detail is not None
    return '"' + detail.split('"')[1] + '"'


class NoReading(permissions.BasePermission):
    """Lets nobody read."""

    def has_permission(self, request: Any, view: Any) -> bool:
        """Refuse a GET."""
        return bool(request.method != "GET")


GETS = {
    "is not permitted": {"permission_classes": [NoReading]},
    "is not offered": {"http_method_names": ["post", "patch"]},
    "fails": {"retrieve": lambda self, request, **kwargs: 1 / 0},
    "is not allowed by a hook": {
        "retrieve": lambda self, request, **kwargs: Response(status=403)
    },
}


@pytest.mark.parametrize("name", GETS)
def test_a_get_that_is_refused(
    api: APIClient, serve: Serve, row: Category, name: str
) -> None:
    """The tag is that of `get_etag()` then, and is told to nobody."""
    serve(make_view(**GETS[name], get_etag=lambda self, row: f'"{row.name}-v1"'))

    response = api.post(
        "/things/batch/",
        batch(
            op("PATCH", row.pk, {"name": "a"}, if_match='"old-v1"'),
            op("PATCH", row.pk, {"name": "b"}, if_match='"old-v1"'),
        ),
    )

    assert get_statuses(response) == [200, 412]
    assert get_details(response)[1] == (
        "The resource has changed: its entity tag is now another one. Fetch it, and "
        "decide again."
    )
    assert get_names() == ["a"]


def test_a_get_that_writes_leaves_nothing(
    api: APIClient, serve: Serve, row: Category
) -> None:
    """A single request with `If-Match` would count no view."""

    def retrieve(self: Any, request: Any, *args: Any, **kwargs: Any) -> Response:
        Event.objects.create(text="viewed")
        transaction.on_commit(lambda: SEEN.append("viewed"))
        return BulkModelViewSet.retrieve(self, request, *args, **kwargs)

    serve(make_view(retrieve=retrieve))
    tag = get_current(api, row)

    response = api.post(
        "/things/batch/", batch(op("PATCH", row.pk, {"name": "a"}, if_match=tag))
    )

    assert get_statuses(response) == [200]
    assert not Event.objects.exists()
    assert SEEN == []


def test_nobody_is_told_that_what_a_get_wrote_is_undone(
    api: APIClient, serve: Serve, row: Category
) -> None:
    """The operation has written nothing."""

    def retrieve(self: Any, request: Any, *args: Any, **kwargs: Any) -> Response:
        Event.objects.create(text="viewed")
        return BulkModelViewSet.retrieve(self, request, *args, **kwargs)

    def hear(sender: Any, **kwargs: Any) -> None:
        SEEN.append(kwargs["operations"])

    undone.connect(hear)
    try:
        serve(make_view(retrieve=retrieve))
        get_current(api, row)
    finally:
        undone.disconnect(hear)

    assert SEEN == []


@pytest.mark.parametrize(
    "members", [{}, {"bulk_commit_every": 1}, {"bulk_replayable": True}], ids=repr
)
class TestWays:
    """However operations are run."""

    def test_fail_leaves_nothing(
        self, api: APIClient, serve: Serve, row: Category, members: Any
    ) -> None:
        """What a hook wrote before the comparison is undone, if not alone."""

        def initial(self: Any, request: Any, *args: Any, **kwargs: Any) -> None:
            Event.objects.create(text=self.action)
            super(view, self).initial(request, *args, **kwargs)

        view = make_view(initial=initial, **members)
        serve(view)

        get_current(api, row)

        left = int(members.get("bulk_commit_every") == 1)
        assert Event.objects.count() == left
        assert get_names() == ["old"]

    def test_of_two_with_one_tag_one_wins(
        self, api: APIClient, serve: Serve, row: Category, members: Any
    ) -> None:
        serve(make_view(**members))
        tag = get_current(api, row)
        assert tag == get_current(api, row)

        response = api.post(
            "/things/batch/",
            batch(
                op("PATCH", row.pk, {"name": "a"}, if_match=tag),
                op("PATCH", row.pk, {"name": "b"}, if_match=tag),
                op("DELETE", row.pk, if_match=tag),
                op("POST", data={"name": "c"}),
            ),
        )

        assert get_statuses(response) == [200, 412, 412, 201]
        assert get_names() == ["a", "c"]

    def test_the_row_is_compared_in_a_transaction(
        self, api: APIClient, serve: Serve, row: Category, members: Any
    ) -> None:
        """What is locked, and compared, is what is changed."""

        def perform_update(self: Any, serializer: Any) -> None:
            SEEN.append(connection.in_atomic_block)
            serializer.save()

        serve(make_view(perform_update=perform_update, **members))

        response = api.post(
            "/things/batch/",
            batch(
                op("PATCH", row.pk, {"name": "a"}, if_match="*"),
                op("PATCH", row.pk, {"name": "b"}),
            ),
        )

        assert get_statuses(response) == [200, 200]
        assert [True, members.get("bulk_commit_every") != 1] == SEEN


def test_tags_of_the_single_endpoints(
    api: APIClient, serve: Serve, row: Category
) -> None:
    """ETagMixin's, that the mixed batch takes, and the other way round."""
    serve(make_view(ETagMixin, BulkModelViewSet))
    tag = api.get(f"/things/{row.pk}/")["ETag"]

    first = api.post(
        "/things/batch/", batch(op("PATCH", row.pk, {"name": "a"}, if_match=tag))
    ).json()["results"][0]
    second = api.patch(
        f"/things/{row.pk}/", {"name": "b"}, headers={"If-Match": first["etag"]}
    )

    assert (first["status"], second.status_code) == (200, 200)
    assert get_current(api, row) == second["ETag"]
