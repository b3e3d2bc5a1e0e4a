"""djangorestframework-bulk: lists at the collection's own URL, saved one by one.

Set up as its README says. It leaves two things to projects, which are written here in
the way that costs least: transactions, and which rows a DELETE is about.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.decorators import method_decorator
from rest_framework_bulk.drf3.serializers import BulkListSerializer, BulkSerializerMixin
from rest_framework_bulk.generics import BulkModelViewSet
from rest_framework_bulk.routes import BulkRouter

from tests.benchmarks import results
from tests.benchmarks.contenders.contender import Contender, count_all, send_to
from tests.benchmarks.contenders.endpoints import ProductSerializer
from tests.shop.models import Product


class Serializer(BulkSerializerMixin, ProductSerializer):
    """The same fields."""

    class Meta(ProductSerializer.Meta):
        list_serializer_class = BulkListSerializer


class UpdateSerializer(Serializer):
    """Does not ask whether a sku is taken.

    REST framework's validator would compare it with one instance, and is given the
    whole queryset.
    """

    class Meta(Serializer.Meta):
        extra_kwargs = {"sku": {"validators": []}}


@method_decorator(transaction.atomic, name="dispatch")
class ViewSet(BulkModelViewSet):
    """Deletes the keys of the body."""

    queryset = Product.objects.all()

    def get_serializer_class(self) -> Any:
        """Updates have their own."""
        return Serializer if self.request.method == "POST" else UpdateSerializer

    def filter_queryset(self, queryset: QuerySet[Product]) -> QuerySet[Product]:
        """Without a filter nothing would be deleted."""
        queryset = super().filter_queryset(queryset)
        if self.request.method == "DELETE":
            return queryset.filter(pk__in=self.request.data)
        return queryset


# Its router is a DefaultRouter, with a root view that we have no use for.
router = BulkRouter()
router.include_root_view = False
router.register("drf-bulk", ViewSet, basename="drf-bulk")

contender = Contender(
    name=results.DRF_BULK, prepare=send_to("/drf-bulk/"), count=count_all
)
