"""The transaction around an operation: what a hook finds open, and what that costs."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils.decorators import method_decorator
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.test import APIClient

from tests.answers import batch, get_details, get_error, get_results, get_statuses, op
from tests.conftest import Serve
from tests.factories import CategoryFactory
from tests.handlers.viewsets import get_names, make_view
from tests.shop.models import Category, Event

pytestmark = pytest.mark.django_db(transaction=True)

SEEN: list[Any] = []

ALONE = {"bulk_commit_every": 1}
MARKED = (
    "What it did could not be kept: the transaction was marked for rollback, as by a "
    "database error that was caught without transaction.atomic() around it."
)


@pytest.fixture(autouse=True)
def _forget() -> None:
    SEEN.clear()


@pytest.fixture
def atomic_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a test with ATOMIC_REQUESTS on."""
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)


def create(api: APIClient, names: str, options: str = "") -> Any:
    return api.post(
        f"/things/bulk/{options}", [{"name": name} for name in names.split()]
    )


def save_durably(self: Any, serializer: Any) -> None:
    """Save in a transaction that cannot stand in another."""
    with transaction.atomic(durable=True):
        serializer.save()


class TestDurable:
    """A block that wants to be the outermost one."""

    def test_fail_names_the_way_out(self, api: APIClient, serve: Serve) -> None:
        serve(make_view(perform_create=save_durably))

        (result,) = get_results(create(api, "a"))

        assert result["error"] == get_error(
            "error",
            "It opens a durable transaction, which cannot stand inside that of a "
            "batch; with bulk_commit_every = 1 on the viewset it can.",
            500,
            "Internal Server Error",
        )
        assert get_names() == []

    def test_success_by_the_way_out(self, api: APIClient, serve: Serve) -> None:
        serve(make_view(perform_create=save_durably, **ALONE))

        response = create(api, "a a b")

        assert get_statuses(response) == [201, 400, 201]
        assert get_names() == ["a", "b"]

    @pytest.mark.usefixtures("atomic_requests")
    def test_fail_within_atomic_requests(self, api: APIClient, serve: Serve) -> None:
        """Singly it is a 500, too."""
        serve(make_view(perform_create=save_durably, **ALONE))

        assert api.post("/things/", {"name": "a"}).status_code == 500
        assert get_statuses(create(api, "a")) == [500]

    @pytest.mark.parametrize("option", ["?atomic=1", "?dry_run=1"])
    def test_fail_within_one_transaction(
        self, api: APIClient, serve: Serve, option: str
    ) -> None:
        serve(make_view(perform_create=save_durably, **ALONE))

        assert get_statuses(create(api, "a", option)) == [500]

    @pytest.mark.usefixtures("atomic_requests")
    def test_success_where_requests_are_not_atomic(
        self, api: APIClient, serve: Serve
    ) -> None:
        view = make_view(perform_create=save_durably, **ALONE)
        free = method_decorator(transaction.non_atomic_requests, name="dispatch")
        serve(free(view))

        assert api.post("/things/", {"name": "a"}).status_code == 201
        assert get_statuses(create(api, "b b c")) == [201, 400, 201]
        assert get_names() == ["a", "b", "c"]


def catch(self: Any, serializer: Any) -> None:
    """Create what may be there, and go on."""
    name = serializer.validated_data["name"]
    for each in (name, "taken", name):
        try:
            serializer.instance = Category.objects.create(name=each)
        except IntegrityError:
            continue


def catch_and_ask(self: Any, request: Any, *args: Any, **kwargs: Any) -> Response:
    """Create what may be there, or read it."""
    try:
        row = Category.objects.create(name=request.data["name"])
    except IntegrityError:
        row = Category.objects.get(name=request.data["name"])
    return Response({"id": row.pk, "name": row.name}, status=201)


def save_and_catch(self: Any, serializer: Any) -> None:
    """Save, and create what is there already."""
    serializer.save()
    with suppress(IntegrityError):
        Category.objects.create(name="taken")


class TestCaught:
    """A database error that was caught without an `atomic` around it."""

    @pytest.mark.parametrize(
        "members", [{"perform_create": catch}, {"create": catch_and_ask}]
    )
    @pytest.mark.parametrize("replayable", [False, True])
    def test_fail_says_so(
        self, api: APIClient, serve: Serve, members: Any, replayable: bool
    ) -> None:
        serve(make_view(**members, bulk_replayable=replayable))
        CategoryFactory(name="taken")
        create_ = "create" in members

        response = create(api, "taken a" if create_ else "x a")

        statuses = [500, 201] if create_ else [500, 500]
        assert get_statuses(response) == statuses
        assert get_details(response)[0] == MARKED
        assert get_names() == (["taken", "a"] if create_ else ["taken"])

    def test_success_alone(self, api: APIClient, serve: Serve) -> None:
        """As singly."""
        serve(make_view(create=catch_and_ask, **ALONE))
        CategoryFactory(name="taken")

        response = create(api, "taken a")

        assert get_statuses(response) == [201, 201]
        assert get_names() == ["taken", "a"]

    @pytest.mark.usefixtures("atomic_requests")
    def test_fail_alone_within_atomic_requests(
        self, api: APIClient, serve: Serve
    ) -> None:
        serve(make_view(perform_create=save_and_catch, **ALONE))
        CategoryFactory(name="taken")

        response = create(api, "a")

        assert get_statuses(response) == [500]
        assert get_details(response) == [MARKED]
        assert get_names() == ["taken"]

    def test_fail_alone_with_a_condition(self, api: APIClient, serve: Serve) -> None:
        """Its transaction is ours."""
        serve(make_view(perform_update=save_and_catch, **ALONE))
        rows = [CategoryFactory(name=name) for name in ("taken", "old")]

        response = api.post(
            "/things/batch/",
            batch(
                op("PATCH", rows[1].pk, {"name": "new"}, if_match="*"),
                op("PATCH", rows[0].pk, {"name": "taken"}),
            ),
        )

        assert get_statuses(response) == [500, 200]
        assert get_details(response)[0] == MARKED
        assert get_names() == ["taken", "old"]


class TestAlone:
    """With `bulk_commit_every = 1` there is no transaction of ours."""

    def look(self, view: Any, serializer: Any) -> None:
        """Note what is open, and tell when it is committed."""
        SEEN.append(connection.in_atomic_block)
        name = serializer.save().name
        Event.objects.create(text=name)
        transaction.on_commit(lambda: SEEN.append(name))
        if name == "late":
            raise ValidationError("Too late.")
        if name == "bug":
            raise RuntimeError("the secret inside")

    def serve(self, serve: Serve, **members: Any) -> None:
        look = self.look
        serve(
            make_view(
                perform_create=lambda self, serializer: look(self, serializer),
                **ALONE | members,
            )
        )

    def test_nothing_is_open(self, api: APIClient, serve: Serve) -> None:
        """What is to be done on commit is done at once; a failure leaves its rows."""
        self.serve(serve)
        singly = [
            api.post("/things/", {"name": name}).status_code
            for name in ("a", "late", "bug", "b")
        ]
        seen, left = SEEN[:], get_names()
        Category.objects.all().delete()
        SEEN.clear()

        response = create(api, "a late bug b")

        assert get_statuses(response) == singly == [201, 400, 500, 201]
        assert seen == SEEN == [
            False, "a", False, "late", False, "bug", False, "b",
        ]  # fmt: skip
        assert left == get_names() == ["a", "late", "bug", "b"]
        assert response.json()["summary"]["committed"] is True

    @pytest.mark.usefixtures("atomic_requests")
    def test_atomic_requests_has_one_around_each(
        self, api: APIClient, serve: Serve
    ) -> None:
        self.serve(serve)

        response = create(api, "a late bug b")

        assert get_statuses(response) == [201, 400, 500, 201]
        assert SEEN == [True, "a", True, True, True, "b"]
        assert get_names() == ["a", "b"]
        assert list(Event.objects.values_list("text", flat=True)) == ["a", "b"]

    def test_never_for_all_or_nothing(self, api: APIClient, serve: Serve) -> None:
        self.serve(serve)

        for option in ("?atomic=1", "?dry_run=1"):
            assert get_statuses(create(api, "a late", option))[1] == 400

        assert SEEN == [True] * 4
        assert get_names() == []

    def test_each_sees_the_earlier_ones(self, api: APIClient, serve: Serve) -> None:
        serve(make_view(**ALONE))
        row = CategoryFactory()

        response = api.post(
            "/things/batch/",
            batch(
                op("PATCH", row.pk, {"name": "a"}),
                op("POST", data={"name": "a"}),
                op("DELETE", row.pk),
                op("POST", data={"name": "a"}),
                op("PATCH", row.pk, {"name": "b"}),
            ),
        )

        assert get_statuses(response) == [200, 400, 204, 201, 404]

    def test_a_transaction_of_its_own(self, api: APIClient, serve: Serve) -> None:
        """Its end is a commit."""

        def perform_create(self: Any, serializer: Any) -> None:
            with transaction.atomic():
                transaction.on_commit(lambda: SEEN.append("committed"))
                serializer.save()
            SEEN.append("saved")
            if serializer.instance.name == "late":
                raise ValidationError("Too late.")

        serve(make_view(perform_create=perform_create, **ALONE))

        assert get_statuses(create(api, "late a")) == [400, 201]
        assert SEEN == ["committed", "saved"] * 2
        assert get_names() == ["late", "a"]

    def test_a_callback_that_fails_is_the_operations_own(
        self, api: APIClient, serve: Serve
    ) -> None:
        """As singly: the row is there, and the answer a 500."""

        def perform_create(self: Any, serializer: Any) -> None:
            serializer.save()
            transaction.on_commit(lambda: 1 / 0)

        serve(make_view(perform_create=perform_create, **ALONE))

        assert api.post("/things/", {"name": "a"}).status_code == 500
        assert get_statuses(create(api, "b c")) == [500, 500]
        assert get_names() == ["a", "b", "c"]


def test_a_lock_needs_a_transaction(api: APIClient, serve: Serve) -> None:
    def perform_update(self: Any, serializer: Any) -> None:
        SEEN.append(connection.in_atomic_block)
        serializer.save()

    serve(make_view(perform_update=perform_update, bulk_lock="wait", **ALONE))
    row = CategoryFactory()

    response = api.patch("/things/bulk/", [{"id": row.pk, "name": "a"}])

    assert get_statuses(response) == [200]
    assert SEEN == [True]


@pytest.mark.parametrize("members", [{}, {"bulk_commit_every": 2}])
def test_otherwise_callbacks_wait(api: APIClient, serve: Serve, members: Any) -> None:
    def perform_create(self: Any, serializer: Any) -> None:
        SEEN.append(connection.in_atomic_block)
        name = serializer.save().name
        transaction.on_commit(lambda: SEEN.append(name))

    serve(make_view(perform_create=perform_create, **members))

    create(api, "a b c")

    assert (
        [True, True, "a", "b", True, "c"] if members else [True] * 3 + ["a", "b", "c"]
    ) == SEEN
