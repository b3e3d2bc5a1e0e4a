"""Bulk endpoints for Django REST Framework that answer 207 Multi-Status."""

__version__ = "0.1.0"
