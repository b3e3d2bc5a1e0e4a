"""The endpoints of countries and cities, single and in bulk."""

from __future__ import annotations

from rest_framework.filters import OrderingFilter, SearchFilter

from demo_project.atlas.models import City, Country
from demo_project.atlas.pagination import Pages
from demo_project.atlas.serializers import CitySerializer, CountrySerializer
from multistatus_app.viewsets import BulkModelViewSet


class CountryViewSet(BulkModelViewSet[Country]):
    """Countries, by their ISO 3166 code."""

    queryset = Country.objects.all()
    serializer_class = CountrySerializer
    pagination_class = Pages
    filter_backends = (SearchFilter, OrderingFilter)
    search_fields = ("name", "capital")
    ordering_fields = ("code", "name", "population")
    lookup_field = "code"
    lookup_value_regex = "[A-Z]{2}"


class CityViewSet(BulkModelViewSet[City]):
    """The world's cities from about 15,000 inhabitants on."""

    queryset = City.objects.select_related("country")
    serializer_class = CitySerializer
    pagination_class = Pages
    filter_backends = (SearchFilter, OrderingFilter)
    search_fields = ("name", "=country__code")
    ordering_fields = ("id", "name", "population")
    bulk_limit = 5000
