"""The ORM's bulk calls without validation: on ready objects, and from JSON to JSON.

The first is the floor for what writes through the ORM; the second has to parse its
objects and answer, as any endpoint has.
"""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from tests.benchmarks import results
from tests.benchmarks.contenders.contender import Call, Contender, count_all, send_to
from tests.benchmarks.loads import Load, build
from tests.shop.models import Product


def prepare(load: Load) -> Call:
    """Return the bulk call, its objects built."""
    if load.method == "DELETE":
        return Product.objects.filter(pk__in=load.rows).delete
    objects = [build(row) for row in load.rows]
    if load.method == "POST":
        return lambda: Product.objects.bulk_create(objects)
    names = get_names(load.rows)
    return lambda: Product.objects.bulk_update(objects, names)


def count(load: Load, answer: Any) -> int:
    """Believe it: the table is looked at anyway."""
    return len(load.rows)


def get_names(rows: list[dict[str, Any]]) -> list[str]:
    """Return the fields that rows have beside the key."""
    return [name for name in rows[0] if name != "id"]


@csrf_exempt
def write(request: HttpRequest) -> JsonResponse:
    """Parse, build, write, answer: nothing is validated."""
    rows = json.loads(request.body)
    if request.method == "DELETE":
        deleted, _ = Product.objects.filter(pk__in=rows).delete()
        return JsonResponse({"deleted": deleted})
    objects = [build(row) for row in rows]
    if request.method == "POST":
        Product.objects.bulk_create(objects)
    else:
        Product.objects.bulk_update(objects, get_names(rows))
    answer = [row | {"id": each.pk} for row, each in zip(rows, objects, strict=True)]
    return JsonResponse(answer, safe=False)


ready = Contender(name=results.RAW, prepare=prepare, count=count)
from_json = Contender(name=results.RAW_JSON, prepare=send_to("/raw/"), count=count_all)
