"""The ways to write many rows that are measured, each a whole request or many."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from django.test import Client
from django.urls import path
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.serializers import ModelSerializer

from multistatus_app.viewsets import BulkModelViewSet
from tests.shop.models import Product

Rows = Sequence[dict[str, Any]]


class ProductSerializer(ModelSerializer[Product]):
    """Seven fields, one of them unique, one a foreign key."""

    class Meta:
        model = Product
        fields = ["id", "sku", "name", "price", "stock", "category", "attributes"]


class ProductViewSet(BulkModelViewSet):
    """Stock."""

    queryset = Product.objects.all()
    serializer_class = ProductSerializer


@api_view(["POST", "PUT"])
def naive(request: Request) -> Response:
    """The loop that every team writes first: a serializer and a savepoint per item."""
    results = []
    with transaction.atomic():
        for item in request.data:
            with transaction.atomic():
                instance = (
                    Product.objects.get(pk=item["id"])
                    if request.method == "PUT"
                    else None
                )
                serializer = ProductSerializer(instance, data=item)
                serializer.is_valid(raise_exception=True)
                serializer.save()
                results.append(serializer.data)
    return Response(results)


router = SimpleRouter()
router.register("products", ProductViewSet)
urlpatterns = [*router.urls, path("naive/", naive)]


def send(method: str, url: str, document: Any, status: int) -> Any:
    """Send one request through Django's whole handler and return its document."""
    response = Client().generic(
        method, url, json.dumps(document), content_type="application/json"
    )
    assert response.status_code == status, response.content[:500]
    return json.loads(response.content)


def send_singly(method: str, rows: Rows) -> None:
    """One request for each."""
    for row in rows:
        if method == "POST":
            send("POST", "/products/", row, 201)
        else:
            send("PUT", f"/products/{row['id']}/", row, 200)


def send_naively(method: str, rows: Rows) -> None:
    """One request to the naive loop."""
    assert len(send(method, "/naive/", rows, 200)) == len(rows)


def send_in_bulk(method: str, rows: Rows) -> None:
    """One request to `bulk/`."""
    document = send(method, "/products/bulk/", rows, 207)
    assert document["summary"]["succeeded"] == len(rows), document["results"][0]


CONTENDERS: dict[str, Callable[[str, Rows], None]] = {
    "single requests": send_singly,
    "naive loop": send_naively,
    "bulk/": send_in_bulk,
}
