"""django-bulk-drf: lists at the collection's own URL, all or nothing.

Set up as its README says, with a unique field to find rows by.
"""

from __future__ import annotations

import json

from django_bulk_drf.routers import BulkSimpleRouter
from django_bulk_drf.serializers import BulkModelSerializer
from django_bulk_drf.viewsets import BulkModelViewSet

from tests.benchmarks import results
from tests.benchmarks.contenders.contender import Call, Contender, count_all, send_to
from tests.benchmarks.contenders.endpoints import ProductSerializer
from tests.benchmarks.loads import Load
from tests.benchmarks.wire import ask
from tests.shop.models import Product

URL = "/django-bulk-drf/"


class Serializer(BulkModelSerializer):
    """The same fields; it removes the validator of the unique one."""

    class Meta(ProductSerializer.Meta):
        pass


class ViewSet(BulkModelViewSet):
    """Rows are found by their sku."""

    queryset = Product.objects.all()
    serializer_class = Serializer
    unique_fields = ["sku"]


router = BulkSimpleRouter()
router.register("django-bulk-drf", ViewSet, basename="django-bulk-drf")


def prepare(load: Load) -> Call:
    """Return a call whose deletes name rows by their sku too."""
    if load.kind != "delete":
        return send_to(URL)(load)
    found = dict(Product.objects.values_list("pk", "sku"))
    body = json.dumps([{"sku": found[key]} for key in load.rows]).encode()
    return lambda: ask(load.method, URL, body)


contender = Contender(
    name=results.DJANGO_BULK_DRF,
    prepare=prepare,
    count=count_all,
    left_out={"partial": "its PATCH is an upsert of rows with all their fields"},
)
