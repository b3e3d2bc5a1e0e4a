"""Serializers of the shop."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from tests.shop.models import Category, Event, Note, Parcel, Product, Review, Tag


class CategorySerializer(serializers.ModelSerializer[Category]):
    """Stock."""

    class Meta:
        model = Category
        fields = ["id", "name", "parent"]


class TagSerializer(serializers.ModelSerializer[Tag]):
    """Stock."""

    class Meta:
        model = Tag
        fields = ["id", "name"]


class ProductSerializer(serializers.ModelSerializer[Product]):
    """Stock, with a unique field, a foreign key and m2m."""

    class Meta:
        model = Product
        fields = [
            "id", "sku", "name", "price", "stock", "category", "tags", "attributes",
        ]  # fmt: skip


class ParcelSerializer(serializers.ModelSerializer[Parcel]):
    """Stock, with a UUID as its key."""

    class Meta:
        model = Parcel
        fields = ["id", "label"]
        read_only_fields = ["id"]


class NoteSerializer(serializers.ModelSerializer[Note]):
    """Leaves the owner to the hook."""

    class Meta:
        model = Note
        fields = ["id", "text", "position", "owner"]
        read_only_fields = ["owner"]


class ReviewSerializer(serializers.ModelSerializer[Review]):
    """A nested one."""

    class Meta:
        model = Review
        fields = ["id", "text", "product"]


class EventSerializer(serializers.ModelSerializer[Event]):
    """Stock."""

    class Meta:
        model = Event
        fields = ["id", "text"]


class LineSerializer(serializers.Serializer[Any]):
    """A line of an order."""

    sku = serializers.SlugField()
    quantity = serializers.IntegerField(min_value=1)


class AddressSerializer(serializers.Serializer[Any]):
    """Where an order goes."""

    street = serializers.CharField(max_length=20)
    city = serializers.CharField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a street in nowhere."""
        if attrs["city"] == "Nowhere":
            raise serializers.ValidationError("Nowhere has no streets.", code="nowhere")
        return attrs


class OrderSerializer(serializers.Serializer[Any]):
    """Nested serializers, lists and dicts: every shape of an error."""

    address = AddressSerializer()
    lines = LineSerializer(many=True)
    labels = serializers.ListField(child=serializers.CharField(max_length=3))
    counts = serializers.DictField(child=serializers.IntegerField(), required=False)

    def create(self, validated_data: dict[str, Any]) -> dict[str, Any]:
        """Keep nothing."""
        return validated_data
