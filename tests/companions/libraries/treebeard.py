"""A tree by materialised paths, which is written by the manager's methods."""

from __future__ import annotations

from treebeard.mp_tree import MP_Node

from tests.companions.places import Place, make_serializer

PACKAGES = ("django-treebeard",)
APPS = ("treebeard",)


class City(MP_Node, Place):
    node_order_by = ["name"]


def _create(self, validated_data):
    return City.add_root(**validated_data)


CitySerializer = make_serializer(City, "path", "depth", create=_create)
CitySerializer.Meta.read_only_fields = ["path", "depth"]
