"""Hooks in sets."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.signals import got_request_exception
from rest_framework.exceptions import PermissionDenied
from rest_framework.test import APIClient

from multistatus_app.overrides.decisions import Decision, Depth, decide
from multistatus_app.viewsets import BulkModelViewSet
from tests.answers import get_details, get_statuses
from tests.conftest import Serve
from tests.factories import NoteFactory, UserFactory
from tests.shop import serializers as shop
from tests.shop import views
from tests.shop.models import Event, Note
from tests.strategies.counting import COUNTS, count_queries
from tests.strategies.sending import WAYS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("largest_sets")]

CALLS: list[Any] = []
"""What hooks were called with."""


def call(text: str) -> None:
    """Note a call; some texts are refused."""
    CALLS.append(text)
    if text == "not this":
        raise PermissionDenied("Not this one.")


class OwnedNoteViewSet(BulkModelViewSet):
    """Its hooks end with `save`; what they read notes who read it."""

    queryset = Note.objects.all()
    serializer_class = shop.NoteSerializer
    bulk_replayable = True

    @property
    def owner(self) -> Any:
        """The owner."""
        call(self.request.data["text"])
        return self.request.user

    def perform_create(self, serializer: Any) -> None:
        """Save with the owner."""
        serializer.save(owner=self.owner)

    def perform_update(self, serializer: Any) -> None:
        """Save with the owner, and where it is."""
        serializer.save(owner=self.owner, position=7)


class TestHooks:
    """Hooks that end with `serializer.save(...)`."""

    @pytest.fixture(autouse=True)
    def _calls(self) -> None:
        CALLS.clear()

    @pytest.fixture
    def user(self, api: APIClient, serve: Serve) -> Any:
        """Return who asks."""
        serve(OwnedNoteViewSet)
        user = UserFactory()
        api.force_authenticate(user)
        return user

    def test_is_decided(self) -> None:
        assert decide(OwnedNoteViewSet, "POST") == Decision(
            depth=Depth.SETS, reasons=()
        )

    def test_create(self, api: APIClient, user: Any, in_sets: list[int]) -> None:
        found = set()
        for count in COUNTS:
            CALLS.clear()
            texts = [f"n{count}-{index}" for index in range(count)]
            body = [{"text": text} for text in texts]
            found.add(count_queries(api, "post", "/things/bulk/", body))
            assert texts == CALLS

        assert len(found) == 1
        assert in_sets == list(COUNTS)
        assert set(Note.objects.values_list("owner", flat=True)) == {user.pk}
        assert Note.objects.count() == sum(COUNTS)

    def test_update(self, api: APIClient, user: Any, in_sets: list[int]) -> None:
        found = set()
        for count in COUNTS:
            CALLS.clear()
            notes = NoteFactory.create_batch(count, owner=user)
            body = [{"id": each.pk, "text": f"n{each.pk}"} for each in notes]
            found.add(count_queries(api, "patch", "/things/bulk/", body))
            assert [each["text"] for each in body] == CALLS

        assert len(found) == 1
        assert in_sets == list(COUNTS)
        assert set(Note.objects.values_list("position", flat=True)) == {7}

    def test_a_refusal_is_that_of_one(
        self, api: APIClient, user: Any, in_sets: list[int]
    ) -> None:
        texts = ["a", "not this", "", "b"]

        response = api.post("/things/bulk/", [{"text": text} for text in texts])

        assert get_statuses(response) == [201, 403, 400, 201]
        assert get_details(response)[1] == "Not this one."
        assert CALLS == ["a", "not this", "b"]
        assert in_sets == [2]
        assert list(Note.objects.order_by("pk").values_list("text", flat=True)) == [
            "a", "b",
        ]  # fmt: skip

    def test_an_unexpected_error_is_announced_once(
        self, api: APIClient, user: Any, in_sets: list[int], serve: Serve
    ) -> None:
        class FailingViewSet(OwnedNoteViewSet):
            def perform_create(self, serializer: Any) -> None:
                serializer.save(owner=self.owner, position=1 // self.third)

            @property
            def third(self) -> int:
                return len(CALLS[2:])

        serve(FailingViewSet)
        announced: list[Any] = []

        def hear(sender: Any, **kwargs: Any) -> None:
            announced.append(sender)

        got_request_exception.connect(hear)
        try:
            response = api.post("/things/bulk/", [{"text": text} for text in "abc"])
        finally:
            got_request_exception.disconnect(hear)

        assert get_statuses(response) == [500, 500, 201]
        assert CALLS == ["a", "b", "c"]
        assert len(announced) == 2
        assert in_sets == [1]

    @pytest.mark.parametrize("smallest", WAYS)
    def test_what_a_hook_asks_the_database_is_asked_in_order(
        self, api: APIClient, user: Any, serve: Serve, settings: Any, smallest: Any
    ) -> None:
        """It has to see the earlier operations; and still it is called once."""
        settings.MULTISTATUS = (
            {} if smallest == "default" else {"MIN_SET_SIZE": smallest}
        )

        class CountingViewSet(OwnedNoteViewSet):
            bulk_replayable = False

            def perform_create(self, serializer: Any) -> None:
                call(serializer.validated_data["text"])
                serializer.save(owner=self.request.user, position=Note.objects.count())

        serve(CountingViewSet)

        response = api.post("/things/bulk/", [{"text": text} for text in "abcdef"])

        assert get_statuses(response) == [201] * 6
        positions = Note.objects.order_by("pk").values_list("position", flat=True)
        assert list(positions) == list(range(6))
        assert list("abcdef") == CALLS

    @pytest.mark.parametrize("smallest", WAYS)
    def test_a_hook_that_swallows_what_is_refused(
        self, api: APIClient, user: Any, serve: Serve, settings: Any, smallest: Any
    ) -> None:
        settings.MULTISTATUS = (
            {} if smallest == "default" else {"MIN_SET_SIZE": smallest}
        )

        class SwallowingViewSet(OwnedNoteViewSet):
            bulk_replayable = True

            def perform_create(self, serializer: Any) -> None:
                serializer.save(owner=self.request.user, position=self.count)

            @property
            def count(self) -> int:
                try:
                    return Note.objects.count()
                except Exception:
                    return -1

        serve(SwallowingViewSet)

        response = api.post("/things/bulk/", [{"text": text} for text in "abcdef"])

        assert get_statuses(response) == [201] * 6
        positions = Note.objects.order_by("pk").values_list("position", flat=True)
        assert list(positions) == list(range(6))

    @pytest.mark.parametrize("is_swallowed", [False, True])
    @pytest.mark.parametrize("smallest", WAYS)
    def test_a_hook_that_writes_before_it_saves(
        self,
        api: APIClient,
        user: Any,
        serve: Serve,
        settings: Any,
        smallest: Any,
        is_swallowed: bool,
    ) -> None:
        """Django dooms the transaction of a write that fails, whoever swallows it."""
        settings.MULTISTATUS = (
            {} if smallest == "default" else {"MIN_SET_SIZE": smallest}
        )

        class SayingViewSet(OwnedNoteViewSet):
            bulk_replayable = True

            def perform_create(self, serializer: Any) -> None:
                self.say(serializer.validated_data["text"])
                serializer.save(owner=self.request.user)

            def say(self, text: str) -> None:
                try:
                    Event.objects.create(text=text)
                except Exception:
                    if not is_swallowed:
                        raise

        serve(SayingViewSet)

        response = api.post("/things/bulk/", [{"text": text} for text in "abcdef"])

        assert get_statuses(response) == [201] * 6
        for model in (Note, Event):
            texts = model._default_manager.order_by("pk").values_list("text", flat=True)
            assert list(texts) == list("abcdef")

    @pytest.mark.parametrize("is_read", [True, False])
    def test_a_hook_of_values_that_are_only_there(
        self, api: APIClient, user: Any, serve: Serve, in_sets: list[int], is_read: bool
    ) -> None:
        class PlainViewSet(OwnedNoteViewSet):
            bulk_replayable = False

            def perform_create(self, serializer: Any) -> None:
                serializer.save(owner=self.request.user, position=7)

        class ReadingViewSet(PlainViewSet):
            def perform_create(self, serializer: Any) -> None:
                serializer.save(owner=self.owner, position=7)

        serve(ReadingViewSet if is_read else PlainViewSet)

        response = api.post("/things/bulk/", [{"text": text} for text in "abc"])

        assert get_statuses(response) == [201] * 3
        assert in_sets == ([] if is_read else [3])
        assert set(Note.objects.values_list("owner", "position")) == {(user.pk, 7)}

    def test_a_hook_that_calls_is_called_beforehand_only_if_it_may_be_replayed(
        self, api: APIClient, user: Any, serve: Serve, in_sets: list[int]
    ) -> None:
        class CallingViewSet(OwnedNoteViewSet):
            bulk_replayable = False

            def perform_create(self, serializer: Any) -> None:
                call(serializer.validated_data["text"])
                serializer.save(owner=self.request.user)

        class ReplayableViewSet(CallingViewSet):
            bulk_replayable = True

        body = [{"text": text} for text in ("a", "not this", "b")]
        for viewset, sets in ((CallingViewSet, []), (ReplayableViewSet, [2])):
            CALLS.clear()
            serve(viewset)

            assert get_statuses(api.post("/things/bulk/", body)) == [201, 403, 201]
            assert CALLS == ["a", "not this", "b"]
            assert in_sets == sets

    @pytest.mark.parametrize("smallest", WAYS)
    def test_what_a_hook_reads_may_ask_the_database(
        self, api: APIClient, user: Any, serve: Serve, settings: Any, smallest: Any
    ) -> None:
        settings.MULTISTATUS = (
            {} if smallest == "default" else {"MIN_SET_SIZE": smallest}
        )

        class ReadingViewSet(OwnedNoteViewSet):
            def perform_create(self, serializer: Any) -> None:
                serializer.save(owner=self.owner, position=self.count)

            @property
            def count(self) -> int:
                Event.objects.create(text="counted")
                return Note.objects.count()

        serve(ReadingViewSet)

        response = api.post("/things/bulk/", [{"text": text} for text in "abcdef"])

        assert get_statuses(response) == [201] * 6
        positions = Note.objects.order_by("pk").values_list("position", flat=True)
        assert list(positions) == list(range(6))
        assert Event.objects.count() == 6

    def test_an_object_permission_of_each(
        self, api: APIClient, user: Any, serve: Serve, in_sets: list[int]
    ) -> None:
        members = {"permission_classes": [views.IsOwner]}
        serve(type("MadeViewSet", (OwnedNoteViewSet,), members))
        mine, last = NoteFactory.create_batch(2, owner=user)
        others = NoteFactory()

        response = api.delete("/things/bulk/", [mine.pk, others.pk, last.pk])

        assert get_statuses(response) == [204, 403, 204]
        assert get_details(response)[1] == "This note belongs to somebody else."
        assert list(Note.objects.all()) == [others]
        assert in_sets == [2]
