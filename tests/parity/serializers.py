"""Serializers of the library: stock ones, and one for each way of their own."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from rest_framework import serializers
from rest_framework.validators import UniqueTogetherValidator, UniqueValidator

from tests.parity import models
from tests.parity.shapes import (
    Checking,
    Hiding,
    LabelNested,
    Named,
    ShelfNamed,
    Showing,
)
from tests.parity.traces import look, trace


def make(model: Any, *names: str, base: Any = None, **members: Any) -> Any:
    """Return a ModelSerializer class with these fields."""
    meta = {"model": model, "fields": ["id", *names] if "id" not in names else names}
    if model is models.Genre:
        meta["fields"] = list(names)
    if "extra_kwargs" in members:
        meta["extra_kwargs"] = members.pop("extra_kwargs")
    if "validators" in members:
        meta["validators"] = members.pop("validators")
    if "read_only_fields" in members:
        meta["read_only_fields"] = members.pop("read_only_fields")
    base = base or serializers.ModelSerializer
    return type(base)(
        f"{model.__name__}Serializer",
        (base,),
        {"Meta": type("Meta", (), meta)} | members,
    )


class Contextual(serializers.ModelSerializer[Any]):
    """Looks at its context, its instance and its data wherever it can."""

    seen = serializers.SerializerMethodField()
    creator = serializers.HiddenField(default=serializers.CurrentUserDefault())

    def get_seen(self, instance: Any) -> str:
        """Return what the context holds."""
        view, request = self.context["view"], self.context["request"]
        return f"{view.action} {request.method} {request.user} {self.partial}"

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Compare with the instance as it is now."""
        creator = attrs.pop("creator", None)
        before = self.instance and str(self.instance)
        trace.reads.append(
            (
                "validate",
                str(creator),
                before,
                sorted(attrs),
                look(self.context["view"]),
            )
        )
        if self.instance is not None and "frozen" in str(self.instance):
            raise serializers.ValidationError(f"{before} is frozen.", code="frozen")
        return attrs


class Dynamic(serializers.ModelSerializer[Any]):
    """Has the fields that the query, the method and the data ask for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Drop fields."""
        super().__init__(*args, **kwargs)
        request = self.context["request"]
        for name in request.query_params.get("omit", "").split(","):
            self.fields.pop(name, None)
        if request.method == "PATCH" and "shelf" in self.fields:
            self.fields["shelf"].required = False
            self.fields["shelf"].read_only = "labels" in request.data


class Shaping(serializers.ModelSerializer[Any]):
    """Reads and writes representations in its own way."""

    def to_internal_value(self, data: Any) -> Any:
        """Take a text of blanks for none."""
        if isinstance(data, dict):
            data = {k: v for k, v in data.items() if v != " "}
        return super().to_internal_value(data)

    def to_representation(self, instance: Any) -> Any:
        """Add what the database says."""
        shown = super().to_representation(instance)
        shown["twin"] = type(instance)._default_manager.count()
        return shown


class Meddling(serializers.ModelSerializer[Any]):
    """Leaves traces in itself, its fields and its context, and looks for them."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Leave something everywhere."""
        left = (
            getattr(self, "left", None),
            [name for name, field in self.fields.items() if hasattr(field, "left")],
            self.context.get("left"),
        )
        trace.reads.append(("left", left, sorted(self.fields)))
        self.left = True
        for field in list(self.fields.values()):
            field.left = True
            if field.validators:
                field.validators.append(lambda value: None)
        self.context["left"] = True
        return attrs

    def update(self, instance: Any, validated_data: dict[str, Any]) -> Any:
        """Drop a field, as if nobody else had it."""
        self.fields.pop("note", None)
        return super().update(instance, validated_data)


class Saving(serializers.ModelSerializer[Any]):
    """Saves in its own way."""

    def create(self, validated_data: dict[str, Any]) -> Any:
        """Create or get."""
        instance = super().create(validated_data)
        models.Audit.objects.create(text=f"serializer made {instance}")
        return instance

    def update(self, instance: Any, validated_data: dict[str, Any]) -> Any:
        """Update in a savepoint of its own, and go back to it if it fails."""
        try:
            with transaction.atomic():
                super().update(instance, validated_data)
                if str(instance) == "undo":
                    raise serializers.ValidationError("Undone.", code="undone")
        except serializers.ValidationError:
            models.Audit.objects.create(text=f"serializer undid {instance.pk}")
            instance.refresh_from_db()
        return instance


class LineSerializer(serializers.ModelSerializer[models.Line]):
    """Nested, written."""

    class Meta:
        model = models.Line
        fields = ["number", "genre"]


class OrderSerializer(serializers.ModelSerializer[models.Order]):
    """Written with its lines."""

    lines = LineSerializer(many=True, required=False)

    class Meta:
        model = models.Order
        fields = ["id", "text", "lines"]

    def create(self, validated_data: dict[str, Any]) -> models.Order:
        """Create both."""
        lines = validated_data.pop("lines", [])
        order = models.Order.objects.create(**validated_data)
        for line in lines:
            models.Line.objects.create(order=order, **line)
        return order

    def update(self, order: models.Order, validated_data: Any) -> models.Order:
        """Write the lines anew."""
        lines = validated_data.pop("lines", None)
        order.text = validated_data.get("text", order.text)
        order.save()
        if lines is not None:
            order.lines.all().delete()
            models.Line.objects.bulk_create(
                models.Line(order=order, **line) for line in lines
            )
        return order


_BOOK = (
    "slug",
    "title",
    "shelf",
    "price",
    "labels",
    "extra",
    "archived",
    "scan",
    "owner",
)
_OWNED = {"read_only_fields": ["owner"]}


class BookSlugs(serializers.ModelSerializer[models.Book]):
    """Names its relations by slugs, and asks in its own ways whether they are free."""

    shelf = serializers.SlugRelatedField(
        slug_field="name", queryset=models.Shelf.objects.all()
    )
    labels = serializers.SlugRelatedField(
        slug_field="name",
        queryset=models.Label.objects.all(),
        many=True,
        required=False,
    )
    title = serializers.CharField(
        max_length=20,
        validators=[UniqueValidator(models.Book.objects.all(), lookup="iexact")],
    )

    class Meta:
        model = models.Book
        fields = ["id", *_BOOK]
        read_only_fields = ["owner"]


class BookNested(serializers.ModelSerializer[models.Book]):
    """Shows what it is related to."""

    shelf_name = serializers.CharField(source="shelf.name", read_only=True)
    siblings = serializers.IntegerField(source="shelf.books.count", read_only=True)
    cover = serializers.StringRelatedField()
    loans = serializers.PrimaryKeyRelatedField(many=True, read_only=True)
    labelled = LabelNested(source="labels", many=True, read_only=True)

    class Meta:
        model = models.Book
        fields = [
            "id",
            *_BOOK,
            "shelf_name",
            "siblings",
            "cover",
            "loans",
            "labelled",
        ]
        read_only_fields = ["owner"]


class BookLimited(serializers.ModelSerializer[models.Book]):
    """Its relations are limited to a queryset that looks at the database."""

    shelf = serializers.PrimaryKeyRelatedField(
        queryset=models.Shelf.objects.filter(books__isnull=False).distinct()
    )
    labels = serializers.PrimaryKeyRelatedField(
        queryset=models.Label.objects.filter(hidden=False), many=True, required=False
    )

    class Meta:
        model = models.Book
        fields = ["id", *_BOOK]
        read_only_fields = ["owner"]
        extra_kwargs = {"title": {"trim_whitespace": False}}


class BookShelf(serializers.ModelSerializer[models.Book]):
    """Writes a row that it is related to."""

    note = serializers.CharField(source="shelf.note", read_only=True)

    class Meta:
        model = models.Book
        fields = ["id", *_BOOK, "note"]
        read_only_fields = ["owner"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Write the shelf that was found, all of its columns."""
        shelf = attrs.get("shelf")
        if isinstance(shelf, models.Shelf):
            shelf.note = f"{shelf.note}{attrs.get('slug', '')}"[-20:]
            shelf.save()
        return attrs


class LabelFiltered(serializers.ModelSerializer[models.Label]):
    """A name is free if nobody has it who is shown."""

    name = serializers.CharField(
        max_length=20,
        validators=[UniqueValidator(models.Label.objects.filter(hidden=False))],
    )

    class Meta:
        model = models.Label
        fields = ["id", "name", "hidden"]


class ShelfFiltered(serializers.ModelSerializer[models.Shelf]):
    """Names and relations depend on columns that operations write."""

    name = serializers.CharField(
        max_length=20,
        validators=[UniqueValidator(models.Shelf.objects.filter(parent=None))],
    )
    parent = serializers.PrimaryKeyRelatedField(
        queryset=models.Shelf.objects.filter(note=""), allow_null=True, required=False
    )

    class Meta:
        model = models.Shelf
        fields = ["id", "name", "parent", "note"]


class LoanFiltered(serializers.ModelSerializer[models.Loan]):
    """Lent is what is not lent already."""

    book = serializers.PrimaryKeyRelatedField(
        queryset=models.Book.objects.exclude(loans__text="x")
    )

    class Meta:
        model = models.Loan
        fields = ["id", "book", "text"]


_NOTED = ("title", "shelf", "rank", "labels")


def _note(model: Any) -> dict[str, Any]:
    shown = (*_NOTED, "owner", "label", "stands_on", "labelled")
    return {
        "stock": make(model, *_NOTED, "owner"),
        "owned": make(model, *_NOTED, "owner", **_OWNED),
        "hiding": make(model, *_NOTED, "owner", base=Hiding),
        "named": make(model, *_NOTED, base=Named),
        "checking": make(model, *_NOTED, "owner", base=Checking, **_OWNED),
        "showing": make(model, *shown, base=Showing),
    }


SERIALIZERS: dict[str, dict[str, Any]] = {
    "shelf": {
        "stock": make(models.Shelf, "name", "parent", "note"),
        "contextual": make(
            models.Shelf, "name", "parent", "note", "seen", "creator", base=Contextual
        ),
        "dynamic": make(models.Shelf, "name", "parent", "note", base=Dynamic),
        "shaping": make(models.Shelf, "name", "parent", "note", base=Shaping),
        "meddling": make(models.Shelf, "name", "parent", "note", base=Meddling),
        "saving": make(models.Shelf, "name", "parent", "note", base=Saving),
        "filtered": ShelfFiltered,
    },
    "label": {
        "stock": make(models.Label, "name", "hidden"),
        "contextual": make(
            models.Label, "name", "hidden", "seen", "creator", base=Contextual
        ),
        "meddling": make(models.Label, "name", "hidden", base=Meddling),
        "filtered": LabelFiltered,
        "insensitive": make(
            models.Label,
            "name",
            "hidden",
            name=serializers.CharField(
                validators=[
                    UniqueValidator(models.Label.objects.all(), lookup="iexact")
                ]
            ),
        ),
    },
    "book": {
        "stock": make(models.Book, *_BOOK, **_OWNED),
        "owned": make(models.Book, *_BOOK),
        "slugs": BookSlugs,
        "nested": BookNested,
        "limited": BookLimited,
        "shelf": BookShelf,
        "contextual": make(
            models.Book, *_BOOK, "seen", "creator", base=Contextual, **_OWNED
        ),
        "dynamic": make(models.Book, *_BOOK, base=Dynamic, **_OWNED),
        "shaping": make(models.Book, *_BOOK, base=Shaping, **_OWNED),
        "meddling": make(models.Book, *_BOOK, base=Meddling, **_OWNED),
        "saving": make(models.Book, *_BOOK, base=Saving, **_OWNED),
        "deep": make(
            models.Book,
            *_BOOK,
            Meta=type(
                "Meta",
                (),
                {
                    "model": models.Book,
                    "fields": ["id", *_BOOK],
                    "depth": 1,
                },
            ),
        ),
    },
    "paperback": {
        "stock": make(models.Paperback, "slug", "title", "shelf", "price", "extra"),
        "saving": make(
            models.Paperback, "slug", "title", "shelf", "price", "extra", base=Saving
        ),
    },
    "memo": _note(models.Memo),
    "jotting": _note(models.Jotting),
    "loan": {
        "stock": make(models.Loan, "book", "text"),
        "filtered": LoanFiltered,
        "nested": make(
            models.Loan,
            "book",
            "text",
            "price",
            price=serializers.CharField(source="book.price", read_only=True),
        ),
        "contextual": make(
            models.Loan, "book", "text", "seen", "creator", base=Contextual
        ),
    },
    "stub": {
        "stock": make(models.Stub, "shelf", "text"),
        "nested": make(
            models.Stub,
            "shelf",
            "text",
            "note",
            note=serializers.CharField(source="shelf.note", read_only=True),
        ),
    },
    "cover": {
        "stock": make(models.Cover, "book", "text"),
        "shaping": make(models.Cover, "book", "text", base=Shaping),
    },
    "place": {
        "stock": make(models.Place, "shelf", "position", "width", "depth"),
        "meddling": make(
            models.Place, "shelf", "position", "width", "depth", base=Meddling
        ),
        "named": make(
            models.Place, "shelf", "position", "width", "depth", base=ShelfNamed
        ),
        "together": make(
            models.Place,
            "shelf",
            "position",
            "width",
            "depth",
            validators=[
                UniqueTogetherValidator(
                    models.Place.objects.all(), fields=["width", "position"]
                )
            ],
        ),
    },
    "ticket": {
        "stock": make(models.Ticket, "text"),
        "chosen": make(models.Ticket, "id", "text"),
        "saving": make(models.Ticket, "text", base=Saving),
    },
    "genre": {
        "stock": make(models.Genre, "code", "text", "broader"),
        "shaping": make(models.Genre, "code", "text", "broader", base=Shaping),
    },
    "author": {
        "stock": make(models.Author, "name", "pen_name", "text"),
        "contextual": make(
            models.Author,
            "name",
            "pen_name",
            "text",
            "seen",
            "creator",
            base=Contextual,
        ),
    },
    "order": {"stock": OrderSerializer},
}
"""By resource and name."""


def _hyperlink(name: str, model: Any, fields: list[str]) -> None:
    meta = type(
        "Meta",
        (),
        {
            "model": model,
            "fields": ["url", *fields],
            "extra_kwargs": {
                "url": {"view_name": "thing-detail"},
                **{
                    each: {"view_name": "thing-detail"}
                    for each in ("parent", "broader")
                    if each in fields
                },
            },
        },
    )
    base = serializers.HyperlinkedModelSerializer
    SERIALIZERS[name]["hyperlinked"] = type(base)(
        f"Hyperlinked{model.__name__}", (base,), {"Meta": meta}
    )


_hyperlink("shelf", models.Shelf, ["id", "name", "parent", "note"])
_hyperlink("label", models.Label, ["id", "name", "hidden"])
_hyperlink("genre", models.Genre, ["code", "text", "broader"])
