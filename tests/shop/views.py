"""Viewsets of the shop: one per way in which projects override DRF."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import mixins, permissions, serializers, status, viewsets
from rest_framework.exceptions import APIException, PermissionDenied, Throttled
from rest_framework.request import Request
from rest_framework.response import Response

from multistatus_app.mixins import BulkModelMixin
from multistatus_app.viewsets import BulkModelViewSet
from tests.shop import models
from tests.shop import serializers as shop


class CategoryViewSet(BulkModelViewSet):
    """Stock."""

    queryset = models.Category.objects.all()
    serializer_class = shop.CategorySerializer


class TagViewSet(BulkModelViewSet):
    """Stock; its constraint is one that no validator knows."""

    queryset = models.Tag.objects.all()
    serializer_class = shop.TagSerializer


class ProductViewSet(BulkModelViewSet):
    """Stock."""

    queryset = models.Product.objects.select_related("category").order_by("pk")
    serializer_class = shop.ProductSerializer
    filter_backends = (DjangoFilterBackend,)
    filterset_fields = ("category",)


class SkuViewSet(BulkModelViewSet):
    """Looked up by slug, under another name in the URL."""

    queryset = models.Product.objects.all()
    serializer_class = shop.ProductSerializer
    lookup_field = "sku"
    lookup_url_kwarg = "product"


class ParcelViewSet(BulkModelViewSet):
    """Looked up by UUID."""

    queryset = models.Parcel.objects.all()
    serializer_class = shop.ParcelSerializer


class EventViewSet(BulkModelMixin, mixins.CreateModelMixin):
    """Can only be created."""

    queryset = models.Event.objects.all()
    serializer_class = shop.EventSerializer
    bulk_limit = 3


class ReadOnlyViewSet(BulkModelMixin, viewsets.ReadOnlyModelViewSet):
    """Offers nothing in bulk."""

    queryset = models.Event.objects.all()
    serializer_class = shop.EventSerializer


class PatchOnlyViewSet(viewsets.ModelViewSet, BulkModelMixin):
    """Names its bases in the other order, and takes PATCH alone."""

    queryset = models.Product.objects.all()
    serializer_class = shop.ProductSerializer
    http_method_names = ["get", "patch", "post", "head", "options"]

    create = None  # type: ignore[assignment]  # switched off


class NoteViewSet(BulkModelViewSet):
    """Overrides the hooks; whoever reads may not write."""

    queryset = models.Note.objects.all()
    serializer_class = shop.NoteSerializer

    def get_permissions(self) -> list[permissions.BasePermission]:
        """Ask by action: anybody lists, users create, owners change."""
        if self.action in ("list", "retrieve"):
            return [permissions.AllowAny()]
        if self.action == "create":
            return [permissions.IsAuthenticated()]
        if self.action in ("update", "partial_update", "destroy"):
            return [permissions.IsAuthenticated(), IsOwner()]
        raise AssertionError(f"No single request has the action {self.action!r}.")

    def perform_create(self, serializer: serializers.BaseSerializer[Any]) -> None:
        """Save with the owner, and say so when it is committed."""
        note = serializer.save(owner=self.request.user)
        models.Event.objects.create(text=f"created {note.text}")
        transaction.on_commit(lambda: LOG.append(f"committed {note.text}"))
        if note.text == "fail late":
            raise serializers.ValidationError({"text": ["Too late."]})


LOG: list[str] = []
"""What on_commit callbacks said."""


class IsOwner(permissions.BasePermission):
    """Only the owner."""

    message = "This note belongs to somebody else."

    def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        """Compare the owners."""
        return bool(obj.owner_id == request.user.pk)


class DispatchViewSet(BulkModelViewSet):
    """Overrides the actions themselves."""

    queryset = models.Product.objects.all()
    serializer_class = shop.ProductSerializer

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Answer in its own way."""
        serializer = self.get_serializer(data=request.data)
        if not serializer.is_valid():
            return Response(serializer.errors, status=422)
        product = serializer.save()
        models.Event.objects.create(text=f"{self.action} {request.method}")
        if product.stock == 13:
            return Response({"detail": "We do not keep 13."}, status=409)
        return Response({"id": product.pk, "new": True}, status=202)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Archive instead of deleting."""
        product = self.get_object()
        product.stock = 0
        product.save()
        return Response({"archived": kwargs["pk"]}, status=status.HTTP_200_OK)


class Teapot(APIException):
    """A status that no table has."""

    status_code = 418
    default_detail = "Short and stout."
    default_code = "teapot"


class RaisingViewSet(BulkModelViewSet):
    """Raises what the name of the product asks for."""

    queryset = models.Product.objects.all()
    serializer_class = shop.ProductSerializer

    def perform_create(self, serializer: serializers.BaseSerializer[Any]) -> None:
        """Save, then raise."""
        product = serializer.save()
        match product.name:
            case "throttled":
                raise Throttled(wait=7)
            case "forbidden":
                raise PermissionDenied("Not this one.")
            case "teapot":
                raise Teapot
            case "bug":
                raise RuntimeError("the secret inside")
            case "orphan":
                models.Product.objects.filter(pk=product.pk).update(category_id=999_999)
            case "django":
                bad = ValidationError("No good.", code="bad")
                raise ValidationError({"name": bad})
            case "swallow":
                _swallow_an_error(product)


def _swallow_an_error(product: models.Product) -> None:
    try:
        models.Product.objects.create(
            sku=product.sku, name="twice", price=1, category=product.category
        )
    except DatabaseError:
        return


class OrderViewSet(BulkModelMixin, mixins.CreateModelMixin):
    """No model at all."""

    serializer_class = shop.OrderSerializer
    queryset = None

    def get_queryset(self) -> Any:
        """Have none."""
        raise AssertionError("An order is never looked up.")


class DjangoPermissionsViewSet(BulkModelViewSet):
    """Maps permissions by method."""

    queryset = models.Category.objects.all()
    serializer_class = shop.CategorySerializer
    permission_classes = [permissions.DjangoModelPermissions]


class NestedProductViewSet(BulkModelViewSet):
    """Products of the category in the URL."""

    serializer_class = shop.ProductSerializer

    def get_queryset(self) -> Any:
        """Keep to the category."""
        return models.Product.objects.filter(category=self.kwargs["category_pk"])
