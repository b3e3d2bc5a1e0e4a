"""Viewsets in the shapes that real projects have, all over the same dozen columns."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.db.models.signals import post_save, pre_save
from rest_framework import permissions, serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from multistatus_app.viewsets import BulkModelViewSet
from tests.shop.models import (
    Article,
    Bulletin,
    Chapter,
    Draft,
    Event,
    Section,
    Topic,
    Writing,
)

USER: Final = 1
"""The key of who asks."""

FIELDS: Final = (
    "id", "slug", "title", "text", "price", "weight", "published", "day", "attributes",
    "section",
)  # fmt: skip
"""Those of the plain one; `position`, `owner` and `topics` come with shapes."""


class Authentication(BaseAuthentication):
    """Somebody has come already, as behind a session that is cached."""

    def authenticate(self, request: Any) -> Any:
        """Return the user, without a query."""
        return User(pk=USER, username="ann"), None


class PlainSerializer(serializers.ModelSerializer[Writing]):
    """Ten fields, one of them unique, one a foreign key."""

    class Meta:
        model: Any = Article
        fields: Any = FIELDS


class PlainViewSet(BulkModelViewSet):
    """Stock."""

    queryset: Any = Article.objects.all()
    serializer_class: Any = PlainSerializer
    authentication_classes = [Authentication]
    bulk_limit = 100_000


class PairSerializer(PlainSerializer):
    """Section and position are unique together."""

    class Meta(PlainSerializer.Meta):
        model = Chapter
        fields = (*FIELDS, "position")


class PairViewSet(PlainViewSet):
    """A unique pair."""

    queryset = Chapter.objects.all()
    serializer_class = PairSerializer


class SlugSerializer(PairSerializer):
    """Names the section, which is one of the pair."""

    section = serializers.SlugRelatedField(
        slug_field="name", queryset=Section.objects.all()
    )


class SlugViewSet(PairViewSet):
    """A slug relation in a unique pair."""

    serializer_class = SlugSerializer


class IsOwner(permissions.BasePermission):
    """The permission of REST framework's tutorial."""

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        """Permit the owner."""
        return bool(obj.owner == request.user)


class OwnedViewSet(PlainViewSet):
    """Only owners change."""

    permission_classes = [permissions.IsAuthenticated, IsOwner]


class HexField(serializers.Field[int, str, str, Any]):
    """A number, as the project writes it."""

    def to_internal_value(self, data: str) -> int:
        """Read it."""
        try:
            return int(data, 16)
        except (TypeError, ValueError) as exc:
            raise ValidationError("Give a number in hexadecimal.") from exc

    def to_representation(self, value: int) -> str:
        """Write it."""
        return f"{value:x}"


class ValidatingSerializer(PlainSerializer):
    """Checks in all of its ways."""

    weight: Any = HexField()

    def validate_title(self, value: str) -> str:
        """Refuse what nobody may say."""
        if "forbidden" in value:
            raise ValidationError("Not this.")
        return value.strip()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Compare two fields."""
        price = attrs.get("price", self.instance and self.instance.price)
        weight = attrs.get("weight", self.instance and self.instance.weight)
        if price is not None and weight is not None and price > 10 * (weight + 1):
            raise ValidationError("It is too dear for its weight.")
        return attrs


class ValidatingViewSet(PlainViewSet):
    """validate(), validate_title() and a field of its own."""

    serializer_class = ValidatingSerializer


class SectionSerializer(serializers.ModelSerializer[Section]):
    """Nested."""

    class Meta:
        model = Section
        fields = ["id", "name"]


class TopicSerializer(serializers.ModelSerializer[Topic]):
    """Nested, many."""

    class Meta:
        model = Topic
        fields = ["id", "name"]


class ShowingSerializer(PlainSerializer):
    """Shows related rows, and something computed."""

    label = serializers.SerializerMethodField()
    stands_in = SectionSerializer(source="section", read_only=True)
    topics = TopicSerializer(many=True, read_only=True)

    class Meta(PlainSerializer.Meta):
        fields = (*FIELDS, "label", "stands_in", "topics")

    def get_label(self, article: Article) -> str:
        """Compute it."""
        return f"{article.section.name}: {article.title}"


class ShowingViewSet(PlainViewSet):
    """A method field and two nested serializers."""

    queryset = Article.objects.select_related("section").prefetch_related("topics")
    serializer_class = ShowingSerializer


class TenantViewSet(PlainViewSet):
    """A tenant's own; an owner is saved, so that they stay in it."""

    def get_queryset(self) -> QuerySet[Article]:
        """Return those of the user."""
        return Article.objects.filter(owner=self.request.user)

    def perform_create(self, serializer: Any) -> None:
        """Save it for the user."""
        serializer.save(owner=self.request.user)


class BriefSerializer(PlainSerializer):
    """What may be patched."""

    class Meta(PlainSerializer.Meta):
        fields = ("id", "title", "price", "weight")


class ByActionViewSet(PlainViewSet):
    """A serializer for each action."""

    def get_serializer_class(self) -> Any:
        """Choose."""
        if self.action == "partial_update":
            return BriefSerializer
        return PlainSerializer


class SavingOwnerViewSet(PlainViewSet):
    """The hook that everybody has."""

    def perform_create(self, serializer: Any) -> None:
        """Save it for the user."""
        serializer.save(owner=self.request.user)


class HiddenSerializer(PlainSerializer):
    """A title is the user's only one."""

    owner = serializers.HiddenField(default=serializers.CurrentUserDefault())

    class Meta(PlainSerializer.Meta):
        model = Chapter
        fields = (*FIELDS, "owner")


class HiddenViewSet(PairViewSet):
    """A hidden current user in a unique pair."""

    serializer_class = HiddenSerializer


class ManySerializer(PlainSerializer):
    """Lists of topics."""

    class Meta(PlainSerializer.Meta):
        fields = (*FIELDS, "topics")


class ManyViewSet(PlainViewSet):
    """Many-to-many lists."""

    serializer_class = ManySerializer


class DraftSerializer(PlainSerializer):
    """The plain fields of a draft."""

    class Meta(PlainSerializer.Meta):
        model = Draft


class DraftViewSet(PlainViewSet):
    """A `save()` that ends with super's, and may run twice."""

    queryset = Draft.objects.all()
    serializer_class = DraftSerializer
    bulk_replayable = True


class BulletinSerializer(PlainSerializer):
    """The plain fields of a bulletin."""

    class Meta(PlainSerializer.Meta):
        model = Bulletin


class BulletinViewSet(PlainViewSet):
    """Receivers listen."""

    queryset = Bulletin.objects.all()
    serializer_class = BulletinSerializer


def hear_quietly(sender: Any, instance: Bulletin, **kwargs: Any) -> None:
    """Do what libraries do that listen to every model: look, and leave it."""
    if getattr(instance, "image", None) is not None:
        raise AssertionError("A bulletin has no image.")


@contextmanager
def hearing() -> Iterator[None]:
    """Connect the receivers."""
    for signal in (pre_save, post_save):
        signal.connect(hear_quietly, sender=Bulletin)
    try:
        yield
    finally:
        for signal in (pre_save, post_save):
            signal.disconnect(hear_quietly, sender=Bulletin)


class HookedViewSet(PlainViewSet):
    """Hooks with effects: a row is left of each."""

    def perform_create(self, serializer: Any) -> None:
        """Save, and say so."""
        article = serializer.save()
        Event.objects.create(text=f"created {article}")

    def perform_update(self, serializer: Any) -> None:
        """Save, and say so."""
        article = serializer.save()
        Event.objects.create(text=f"changed {article}")

    def perform_destroy(self, instance: Any) -> None:
        """Delete, and say so."""
        instance.delete()
        Event.objects.create(text=f"deleted {instance}")


class CheckingViewSet(PlainViewSet):
    """Its actions check something, and call super's."""

    def check(self, data: Any) -> None:
        """Refuse what nobody may say."""
        if "forbidden" in str(data.get("title", "")):
            raise ValidationError({"title": ["Not this."]})

    def create(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Check, then do it."""
        self.check(request.data)
        return super().create(request, *args, **kwargs)

    def update(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Check, then do it."""
        self.check(request.data)
        return super().update(request, *args, **kwargs)

    def destroy(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Check, then do it."""
        self.check(kwargs)
        return super().destroy(request, *args, **kwargs)


VIEWSETS: Final[dict[str, Any]] = {
    "plain": PlainViewSet,
    "pair": PairViewSet,
    "slug": SlugViewSet,
    "owned": OwnedViewSet,
    "validating": ValidatingViewSet,
    "showing": ShowingViewSet,
    "tenant": TenantViewSet,
    "by-action": ByActionViewSet,
    "saving-owner": SavingOwnerViewSet,
    "hidden": HiddenViewSet,
    "many": ManyViewSet,
    "draft": DraftViewSet,
    "bulletin": BulletinViewSet,
    "hooked": HookedViewSet,
    "checking": CheckingViewSet,
}
"""By name of their route."""
