"""The loop that every team writes first: a serializer and a savepoint per item."""

from __future__ import annotations

import json
from typing import Any

from django.db import IntegrityError, transaction
from rest_framework.decorators import api_view
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from tests.benchmarks import results
from tests.benchmarks.contenders.contender import Contender, send_to
from tests.benchmarks.contenders.endpoints import ProductSerializer
from tests.benchmarks.loads import Load, NotDone
from tests.benchmarks.wire import Answer
from tests.shop.models import Product


@api_view(["POST", "PUT", "PATCH", "DELETE"])
def loop(request: Request) -> Response:
    """Write one after the other, and say what became of each."""
    told = []
    with transaction.atomic():
        for item in request.data:
            try:
                with transaction.atomic():
                    told.append(write(str(request.method), item))
            except ValidationError as exc:
                told.append({"status": 400, "errors": exc.detail})
            except Product.DoesNotExist:
                told.append({"status": 404})
            except IntegrityError as exc:
                told.append({"status": 409, "detail": str(exc)})
    return Response(told, status=207)


def write(method: str, item: Any) -> dict[str, Any]:
    """Write one."""
    if method == "DELETE":
        Product.objects.get(pk=item).delete()
        return {"status": 204}
    instance = None if method == "POST" else Product.objects.get(pk=item["id"])
    serializer = ProductSerializer(instance, data=item, partial=method == "PATCH")
    serializer.is_valid(raise_exception=True)
    serializer.save()
    return {"status": 201 if method == "POST" else 200, "data": serializer.data}


def count(load: Load, answer: Answer) -> int:
    """Count the successes that were told."""
    if answer.status != 207:
        raise NotDone(f"answered {answer.status}, with no status for any operation")
    return sum(each["status"] < 300 for each in json.loads(answer.content))


contender = Contender(
    name=results.NAIVE,
    prepare=send_to("/naive/"),
    count=count,
    has_statuses=True,
    is_slow=True,
)
