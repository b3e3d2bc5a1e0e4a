"""How long lists are cut."""

from __future__ import annotations

from rest_framework.pagination import PageNumberPagination


class Pages(PageNumberPagination):
    """A hundred a page, or as many as the client asks for, within reason."""

    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 1000
