"""Our own endpoints: `bulk/`, `bulk/` at depth 2, and the same viewset singly."""

from __future__ import annotations

import json
from typing import Any

from rest_framework.serializers import BaseSerializer, ModelSerializer

from multistatus_app.viewsets import BulkModelViewSet
from tests.benchmarks import results
from tests.benchmarks.contenders.contender import Call, Contender, send_to
from tests.benchmarks.loads import Load, NotDone
from tests.benchmarks.wire import Answer, ask
from tests.shop.models import Product


class ProductSerializer(ModelSerializer[Product]):
    """Seven fields, one of them unique, one a foreign key."""

    class Meta:
        model = Product
        fields = ["id", "sku", "name", "price", "stock", "category", "attributes"]


class ProductViewSet(BulkModelViewSet):
    """Stock."""

    queryset = Product.objects.all()
    serializer_class = ProductSerializer
    bulk_limit = 100_000


class HookedViewSet(ProductViewSet):
    """Overrides the hooks, so that each operation has to be saved by itself."""

    noted = False

    def perform_create(self, serializer: BaseSerializer[Any]) -> None:
        """Save, and do something that no set can do."""
        serializer.save()
        self.noted = True

    def perform_update(self, serializer: BaseSerializer[Any]) -> None:
        """Save, and do something that no set can do."""
        serializer.save()
        self.noted = True

    def perform_destroy(self, instance: Any) -> None:
        """Delete, and do something that no set can do."""
        instance.delete()
        self.noted = True


def prepare_singles(load: Load) -> Call:
    """Return a call that sends a request for each operation."""
    requests = [_get_single(load.method, row) for row in load.rows]
    return lambda: [ask(load.method, url, body) for url, body in requests]


def _get_single(method: str, row: Any) -> tuple[str, bytes]:
    if method == "DELETE":
        return f"/products/{row}/", b""
    url = "/products/" if method == "POST" else f"/products/{row['id']}/"
    return url, json.dumps(row).encode()


def count_singles(load: Load, answers: list[Answer]) -> int:
    """Count the answers that are successes."""
    return sum(200 <= answer.status < 300 for answer in answers)


def count_in_summary(load: Load, answer: Answer) -> int:
    """Read the summary of a 207."""
    if answer.status != 207:
        raise NotDone(f"answered {answer.status}: {answer.content[:200].decode()}")
    document = json.loads(answer.content)
    failed = {
        result["index"] for result in document["results"] if result["status"] >= 300
    }
    if failed != load.refused:
        raise NotDone(f"told {len(failed):,} failures, not those that had to be")
    succeeded: int = document["summary"]["succeeded"]
    return succeeded


singles = Contender(
    name=results.SINGLE,
    prepare=prepare_singles,
    count=count_singles,
    has_statuses=True,
    is_slow=True,
)
bulk = Contender(
    name=results.BULK,
    prepare=send_to("/products/bulk/"),
    count=count_in_summary,
    has_statuses=True,
)
depth_2 = Contender(
    name=results.DEPTH_2,
    prepare=send_to("/hooked/bulk/"),
    count=count_in_summary,
    has_statuses=True,
)
