"""Notes of which each user sees their own."""

from __future__ import annotations

from typing import Any

from rest_framework import permissions, serializers

from multistatus_app.conditional import ETagMixin
from multistatus_app.viewsets import BulkModelViewSet
from tests.shop.models import Note


class NoteSerializer(serializers.ModelSerializer[Note]):
    """Stock."""

    class Meta:
        model = Note
        fields = ["id", "text", "position"]


class OwnNotes(BulkModelViewSet):
    """A queryset of the user's own rows: sets, as far as they go."""

    serializer_class = NoteSerializer
    permission_classes = [permissions.IsAuthenticated]

    def get_queryset(self) -> Any:
        """Give the user's own."""
        return Note.objects.filter(owner=self.request.user)

    def perform_create(self, serializer: Any) -> None:
        """Save with the owner."""
        serializer.save(owner=self.request.user)


class IsOwner(permissions.BasePermission):
    """Refuses others' rows, on top of that."""

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        """Let the owner do it."""
        return bool(obj.owner_id == request.user.pk)


class GuardedNotes(OwnNotes):
    """Object permissions, too."""

    permission_classes = [permissions.IsAuthenticated, IsOwner]


class LockingNotes(OwnNotes):
    """Selects for update."""

    bulk_lock = "wait"


class HookedNotes(OwnNotes):
    """A hook that asks: never in sets."""

    def perform_update(self, serializer: Any) -> None:
        """Count, and save."""
        Note.objects.count()
        serializer.save()


class ReplayedNotes(GuardedNotes):
    """In groups, and in sets."""

    bulk_replayable = True


class TaggedNotes(ETagMixin, OwnNotes):
    """Conditional."""


class CommittedNotes(OwnNotes):
    """No transaction around an operation."""

    bulk_commit_every = 1


class TextNotes(OwnNotes):
    """Looked up by a text."""

    lookup_field = "text"


VIEWSETS: list[type[OwnNotes]] = [
    OwnNotes, GuardedNotes, LockingNotes, HookedNotes, ReplayedNotes, TaggedNotes,
    CommittedNotes, TextNotes,
]  # fmt: skip
