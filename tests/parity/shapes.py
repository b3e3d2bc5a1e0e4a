"""The shapes of most projects: their serializers, and traits of their viewsets."""

from __future__ import annotations

from typing import Any

from rest_framework import permissions, serializers
from rest_framework.response import Response
from rest_framework.serializers import ValidationError

from tests.parity import models
from tests.parity.traces import trace


class LoudField(serializers.Field[str, Any, str, Any]):
    """A text that the project reads and writes in its own way."""

    def to_internal_value(self, data: Any) -> str:
        """Read it."""
        if not isinstance(data, str) or not data.strip() or "\x00" in data:
            raise ValidationError("Say something.", code="silent")
        return data.strip().lower()[:20]

    def to_representation(self, value: str) -> str:
        """Write it."""
        return value.upper()


def refuse_three(value: int) -> None:
    """Refuse a number."""
    if value == 3:
        raise ValidationError("Three is too many.", code="three")


class ShelfNested(serializers.ModelSerializer[models.Shelf]):
    """Nested, read only."""

    class Meta:
        model = models.Shelf
        fields = ["id", "name", "note"]


class LabelNested(serializers.ModelSerializer[models.Label]):
    """Nested, read only, many."""

    class Meta:
        model = models.Label
        fields = ["id", "name"]


class Checking(serializers.ModelSerializer[Any]):
    """Has a field and a validator of its own, and looks at fields and at all."""

    title = LoudField()
    rank = serializers.IntegerField(
        required=False, allow_null=True, validators=[refuse_three]
    )

    def validate_title(self, value: str) -> str:
        """Refuse one, change another."""
        trace.reads.append(("title", value, self.instance and str(self.instance)))
        if value == "denied":
            raise ValidationError("Not this.", code="not_this")
        return "bel" if value == "late" else value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Compare with the instance as it is now."""
        title = attrs.get("title", self.instance and self.instance.title)
        trace.reads.append(("validate", title, sorted(attrs)))
        if title == "gone" and attrs.get("rank") is None:
            raise ValidationError({"rank": "What is gone has a rank."}, code="gone")
        return attrs


class Showing(serializers.ModelSerializer[Any]):
    """Shows what it is related to."""

    label = serializers.SerializerMethodField()
    stands_on = ShelfNested(source="shelf", read_only=True)
    labelled = LabelNested(source="labels", many=True, read_only=True)

    def get_label(self, instance: Any) -> str:
        """Follow two relations."""
        shelf = instance.shelf.name if instance.shelf else "nowhere"
        return f"{instance.title} of {instance.owner}, {shelf}"


class ShelfNamed(serializers.ModelSerializer[Any]):
    """Names what is in a unique pair by its slug."""

    shelf = serializers.SlugRelatedField(
        slug_field="name",
        queryset=models.Shelf.objects.all(),
        required=False,
        allow_null=True,
    )


class Named(ShelfNamed):
    """Names its labels, too."""

    labels = serializers.SlugRelatedField(
        slug_field="name",
        queryset=models.Label.objects.all(),
        many=True,
        required=False,
    )


class Hiding(serializers.ModelSerializer[Any]):
    """A title is the user's only one."""

    owner = serializers.HiddenField(default=serializers.CurrentUserDefault())


class OwnerPermission(permissions.BasePermission):
    """The permission of REST framework's tutorial."""

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        """Permit the owner, where there is one."""
        owner = getattr(obj, "owner", None)
        trace.reads.append(("owner", str(obj), str(owner)))
        return owner is None or bool(owner == request.user)


class OwnerPermissions:
    """Only owners change."""

    permission_classes = [OwnerPermission]


class Tenant:
    """A tenant's own, where there is one."""

    def get_queryset(self) -> Any:
        """Filter by the user."""
        queryset = super().get_queryset()  # type: ignore[misc]
        if hasattr(queryset.model, "owner"):
            return queryset.filter(owner=self.request.user.pk)  # type: ignore[attr-defined]
        return queryset.filter(pk__isnull=False)


class SavesOwner:
    """The hook that everybody has; where there is no owner, it is a bug."""

    def perform_create(self, serializer: Any) -> None:
        """Save it for the user."""
        serializer.save(owner=self.request.user)  # type: ignore[attr-defined]


class Checks:
    """Its actions check something, and call super's."""

    def create(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Check, then do it."""
        self._check(request)
        return super().create(request, *args, **kwargs)  # type: ignore[misc,no-any-return]

    def update(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Check, then do it."""
        self._check(request)
        return super().update(request, *args, **kwargs)  # type: ignore[misc,no-any-return]

    def destroy(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Check, then do it."""
        self._check(request)
        return super().destroy(request, *args, **kwargs)  # type: ignore[misc,no-any-return]

    def _check(self, request: Any) -> None:
        trace.hooks.append(("checked", self.action, sorted(self.kwargs)))  # type: ignore[attr-defined]
        if isinstance(request.data, dict) and "new" in map(str, request.data.values()):
            raise ValidationError({"title": ["Nothing new."]}, code="new")


SHAPES: dict[str, type] = {
    each.__name__: each for each in (OwnerPermissions, Tenant, SavesOwner, Checks)
}
"""The traits, by name."""
