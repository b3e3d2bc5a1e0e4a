"""Throttles of the viewset: each operation costs what its single request costs."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache
from django.db import OperationalError
from rest_framework.exceptions import ValidationError
from rest_framework.test import APIClient
from rest_framework.throttling import (
    AnonRateThrottle,
    BaseThrottle,
    ScopedRateThrottle,
    SimpleRateThrottle,
    UserRateThrottle,
)

from multistatus_app.throttling import BulkRateThrottle
from tests.answers import batch, get_results, get_statuses, op
from tests.conftest import Serve
from tests.factories import CategoryFactory, UserFactory
from tests.handlers.viewsets import get_names, make_view
from tests.shop.models import Category

pytestmark = pytest.mark.django_db


class CountingCache(LocMemCache):
    """Counts how often it is asked, and told."""

    def __init__(self) -> None:
        super().__init__("counting", {})
        self.clear()
        self.asked: list[str] = []

    def get(self, key: Any, default: Any = None, version: Any = None) -> Any:
        """Count."""
        self.asked.append("get")
        return super().get(key, default, version)

    def set(self, *args: Any, **kwargs: Any) -> None:
        """Count."""
        self.asked.append("set")
        super().set(*args, **kwargs)


class Anon(AnonRateThrottle):
    """Three for those whom nobody knows."""

    rate = "3/min"


class PerUser(UserRateThrottle):
    """Three for each user."""

    rate = "3/min"


class Scoped(ScopedRateThrottle):
    """By the scope that a view names."""

    THROTTLE_RATES = {"writes": "3/min", "deletes": "1/min"}


@pytest.fixture(autouse=True)
def _clean() -> Any:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(params=[1, None], ids=["sets", "singly"])
def sets(request: pytest.FixtureRequest, settings: Any) -> None:
    """Make sets of any size, or none."""
    settings.MULTISTATUS = {"MIN_SET_SIZE": request.param}


def create(api: APIClient, names: str) -> Any:
    return api.post("/things/bulk/", [{"name": name} for name in names])


@pytest.mark.usefixtures("sets")
class TestBudget:
    """One with the single endpoints."""

    def test_by_default(self, api: APIClient, serve: Serve) -> None:
        serve(make_view(throttle_classes=[Anon]))

        single = api.post("/things/", {"name": "a"})
        response = create(api, "bcde")
        later = api.post("/things/", {"name": "f"})

        assert single.status_code == 201
        assert get_statuses(response) == [201, 201, 429, 429]
        result = get_results(response)[2]
        assert result["error"]["code"] == "throttled"
        assert 58 <= result["retry_after"] <= 60
        assert later.status_code == 429
        assert get_names() == ["a", "b", "c"]

    def test_what_is_not_valid_costs_as_much(
        self, api: APIClient, serve: Serve
    ) -> None:
        serve(make_view(throttle_classes=[Anon]))

        response = api.post("/things/bulk/", [{}, {"name": ""}, 1, {"name": "a"}])

        # What is no object is no request; it is told without one.
        assert get_statuses(response) == [400, 400, 400, 201]
        assert get_statuses(create(api, "b")) == [429]

    def test_by_action(self, api: APIClient, serve: Serve) -> None:
        def get_throttles(self: Any) -> list[Any]:
            return {
                "create": [Anon()],
                "update": [],
                "partial_update": [],
                "destroy": [],
            }[self.action]

        serve(make_view(get_throttles=get_throttles))
        row = CategoryFactory(name="row")

        response = api.post(
            "/things/batch/",
            batch(
                *(op("POST", data={"name": name}) for name in "abcd"),
                *(op("PATCH", row.pk, {"name": name}) for name in "ef"),
            ),
        )

        assert get_statuses(response) == [201, 201, 201, 429, 200, 200]

    def test_by_user(self, api: APIClient, serve: Serve) -> None:
        serve(make_view(throttle_classes=[PerUser]))
        ann, bob = UserFactory.create_batch(2)

        api.force_authenticate(ann)
        of_ann = get_statuses(create(api, "abcd"))
        api.force_authenticate(bob)
        of_bob = get_statuses(create(api, "ef"))

        assert of_ann == [201, 201, 201, 429]
        assert of_bob == [201, 201]

    def test_by_scope(self, api: APIClient, serve: Serve) -> None:
        def get_throttle_scope(self: Any) -> Any:
            return {"create": "writes", "destroy": "deletes"}.get(self.action)

        serve(
            make_view(
                throttle_classes=[Scoped], throttle_scope=property(get_throttle_scope)
            )
        )
        rows = CategoryFactory.create_batch(3)

        response = api.post(
            "/things/batch/",
            batch(
                *(op("POST", data={"name": name}) for name in "abcd"),
                *(op("DELETE", each.pk) for each in rows),
                op("PATCH", rows[1].pk, {"name": "e"}),
            ),
        )

        assert get_statuses(response) == [201, 201, 201, 429, 204, 429, 429, 200]

    def test_several(self, api: APIClient, serve: Serve) -> None:
        """Each is asked, and charged, as it is singly."""
        serve(make_view(throttle_classes=[Anon, Scoped], throttle_scope="deletes"))

        response = create(api, "ab")
        singly = [api.post("/things/", {"name": name}).status_code for name in "cd"]

        assert get_statuses(response) == [201, 429]
        # The one that let it pass has been charged all the same.
        assert singly == [429, 429]
        assert get_statuses(create(api, "e")) == [429]

    def test_sets_are_charged(self, api: APIClient, serve: Serve) -> None:
        serve(make_view(throttle_classes=[Anon]))
        rows = CategoryFactory.create_batch(2)

        assert get_statuses(api.delete("/things/bulk/", [e.pk for e in rows])) == [
            204, 204,
        ]  # fmt: skip
        assert get_statuses(create(api, "ab")) == [201, 429]


@pytest.mark.usefixtures("sets")
def test_a_thousand_operations_cost_one_read_and_one_write(
    api: APIClient, serve: Serve
) -> None:
    counting = CountingCache()
    throttle = type("Counted", (Anon,), {"cache": counting, "rate": "2000/min"})
    serve(make_view(throttle_classes=[throttle]))

    response = api.post(
        "/things/bulk/", [{"name": f"{number}"} for number in range(1000)]
    )

    assert get_statuses(response) == [201] * 1000
    assert counting.asked == ["get", "set"]
    assert len(counting.get("throttle_anon_127.0.0.1")) == 1000


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("deadlocks", [0, 1])
def test_what_is_run_again_is_charged_once(
    api: APIClient, serve: Serve, deadlocks: int
) -> None:
    """A request that met a deadlock, and a group of which one failed and left rows."""
    runs: list[str] = []

    def perform_create(self: Any, serializer: Any) -> None:
        runs.append(serializer.save().name)
        if len(runs) <= deadlocks:
            raise OperationalError(1213, "Deadlock found")
        if runs[-1] == "late":
            raise ValidationError("Too late.")

    serve(
        make_view(
            throttle_classes=[Anon],
            perform_create=perform_create,
            bulk_replayable=True,
            bulk_retries=2,
        )
    )

    response = api.post("/things/bulk/", [{"name": "a"}, {"name": "late"}])

    assert runs == ["a"] * deadlocks + ["a", "late"] * 2
    assert get_statuses(response) == [201, 400]
    assert get_statuses(create(api, "bc")) == [201, 429]


def test_our_own_gets_are_not_charged(api: APIClient, serve: Serve) -> None:
    serve(make_view(throttle_classes=[Anon]))
    row = CategoryFactory()

    response = api.post(
        "/things/batch/",
        batch(*(op("PATCH", row.pk, {"name": n}, if_match='"no"') for n in "ab")),
    )

    assert get_statuses(response) == [412, 412]
    assert get_statuses(create(api, "ab")) == [201, 429]


class Asked(BaseThrottle):
    """Notes whom it is asked about."""

    by: list[Any] = []

    def allow_request(self, request: Any, view: Any) -> bool:
        """Let it pass."""
        self.by.append((getattr(view, "action", None) or "the route", request.method))
        return True


class AskedOfAll(BulkRateThrottle):
    """Notes whom it is asked about, and refuses whole requests."""

    rate = "3/min"
    by: list[Any] = []

    def allow_request(self, request: Any, view: Any) -> bool:
        """Let it pass, or not."""
        self.by.append((getattr(view, "action", None) or "the route", request.method))
        return super().allow_request(request, view)


def test_who_asks(api: APIClient, serve: Serve) -> None:
    """The route asks those that charge all operations at once; others, operations."""
    Asked.by, AskedOfAll.by = [], []
    serve(make_view(throttle_classes=[Asked, AskedOfAll]))
    row = CategoryFactory()

    response = api.post(
        "/things/batch/",
        batch(op("POST", data={"name": "a"}), op("PATCH", row.pk, {"name": "b"})),
    )
    refused = create(api, "cd")
    single = api.post("/things/", {"name": "c"})

    assert get_statuses(response) == [201, 200]
    assert (refused.status_code, single.status_code) == (429, 201)
    assert Asked.by == [
        ("create", "POST"), ("partial_update", "PATCH"), ("create", "POST"),
    ]  # fmt: skip
    assert AskedOfAll.by == [
        ("the route", "POST"), ("the route", "POST"), ("create", "POST"),
    ]  # fmt: skip


class Odd(SimpleRateThrottle):
    """Charges in a way of its own: twice for a DELETE."""

    rate = "3/min"

    def get_cache_key(self, request: Any, view: Any) -> str:
        """Charge everybody at once."""
        return "odd"

    def throttle_success(self) -> bool:
        """Charge, and once more."""
        self.history.insert(0, self.now)
        return bool(super().throttle_success())  # type: ignore[no-untyped-call]


def test_a_throttle_that_charges_in_its_own_way(api: APIClient, serve: Serve) -> None:
    serve(make_view(throttle_classes=[Odd]))

    assert get_statuses(create(api, "abc")) == [201, 201, 429]
    assert len(cache.get("odd")) == 4
    Category.objects.all().delete()
    cache.clear()
    singly = [api.post("/things/", {"name": name}).status_code for name in "abc"]
    assert singly == [201, 201, 429]


@pytest.mark.usefixtures("sets")
def test_a_throttle_sees_its_operation(api: APIClient, serve: Serve) -> None:
    class ByName(BaseThrottle):
        def allow_request(self, request: Any, view: Any) -> bool:
            if request.data["name"] == "odd":
                raise ValidationError("An odd name.")
            return bool(request.data["name"] != "b")

    serve(make_view(throttle_classes=[ByName]))

    response = api.post(
        "/things/bulk/", [{"name": "a"}, {"name": "b"}, {"name": "odd"}, {"name": "c"}]
    )

    assert get_statuses(response) == [201, 429, 400, 201]


@pytest.mark.usefixtures("sets")
def test_a_key_of_what_an_operation_names(api: APIClient, serve: Serve) -> None:
    class ByPath(SimpleRateThrottle):
        rate = "1/min"

        def get_cache_key(self, request: Any, view: Any) -> str:
            return f"{request.method} {request.path}".replace(" ", "")

    serve(make_view(throttle_classes=[ByPath]))
    one, two = CategoryFactory.create_batch(2)

    response = api.patch(
        "/things/bulk/",
        [{"id": pk, "parent": None} for pk in (one.pk, two.pk, one.pk)],
    )

    assert get_statuses(response) == [200, 200, 429]


def test_a_throttle_asks_its_cache_for_more(api: APIClient, serve: Serve) -> None:
    class Salted(Anon):
        def get_cache_key(self, request: Any, view: Any) -> str:
            salt = self.cache.get_or_set("salt", "pepper", None)
            return f"{salt}:{self.get_ident(request)}"

    serve(make_view(throttle_classes=[Salted]))
    body = [{"name": each} for each in "abcd"]

    assert get_statuses(api.post("/things/bulk/", body)) == [201, 201, 201, 429]
    assert len(cache.get("pepper:127.0.0.1")) == 3
