"""`many=True` and a ListSerializer with bulk calls, as teams write it: all or nothing.

One refused row refuses the request, and no row has a status.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db import transaction
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ListSerializer

from tests.benchmarks import results
from tests.benchmarks.contenders.contender import Contender, count_all, send_to
from tests.benchmarks.contenders.endpoints import ProductSerializer
from tests.shop.models import Product


class ProductListSerializer(ListSerializer[Any]):
    """Writes all rows in bulk calls."""

    @cached_property
    def by_key(self) -> dict[int, Product]:
        """The instances, found as REST framework's documentation says."""
        return {each.pk: each for each in self.instance or ()}

    def run_child_validation(self, data: Any) -> Any:
        """Validate a row against its own instance."""
        if self.instance is not None:
            self.child.instance = self.by_key[data["id"]]
            self.child.initial_data = data
        return super().run_child_validation(data)

    def create(self, validated_data: Any) -> list[Product]:
        """Insert."""
        return Product.objects.bulk_create(Product(**attrs) for attrs in validated_data)

    def update(self, instance: Any, validated_data: Any) -> list[Product]:
        """Set the attributes, then update."""
        names: set[str] = set()
        for each, attrs in zip(instance, validated_data, strict=True):
            names |= attrs.keys()
            for name, value in attrs.items():
                setattr(each, name, value)
        Product.objects.bulk_update(instance, sorted(names))
        return list(instance)


class ListedSerializer(ProductSerializer):
    """The same fields."""

    class Meta(ProductSerializer.Meta):
        list_serializer_class = ProductListSerializer


@api_view(["POST", "PUT", "PATCH", "DELETE"])
@transaction.atomic
def write(request: Request) -> Response:
    """Write all of them."""
    if request.method == "DELETE":
        Product.objects.filter(pk__in=request.data).delete()
        return Response(status=204)
    instances = None
    if request.method != "POST":
        found = Product.objects.in_bulk([row["id"] for row in request.data])
        instances = [found[row["id"]] for row in request.data]
    serializer: Any = ListedSerializer(
        instances, data=request.data, many=True, partial=request.method == "PATCH"
    )
    serializer.is_valid(raise_exception=True)
    serializer.save()
    return Response(serializer.data, status=201 if instances is None else 200)


contender = Contender(name=results.LISTED, prepare=send_to("/listed/"), count=count_all)
