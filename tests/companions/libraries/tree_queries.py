"""A tree by the adjacency of rows, read by recursive queries."""

from __future__ import annotations

from tree_queries.models import TreeNode

from tests.companions.places import Place, make_serializer

PACKAGES = ("django-tree-queries",)
APPS = ("tree_queries",)


class City(TreeNode, Place):
    pass


CitySerializer = make_serializer(City, "parent")


def make(number: int) -> dict[str, object]:
    return {"name": f"City {number}", "parent": 1 if number in (12, 14) else None}
