"""Our routes in the OpenAPI document; the only door to drf-spectacular.

Importing this registers the extension with drf-spectacular. A viewset needs no
annotation and a project no setting; what a project annotates itself, stays.
"""

from multistatus_app.openapi.extension import BulkViewExtension
from multistatus_app.openapi.schemas import BulkSchemaMixin

__all__ = ["BulkSchemaMixin", "BulkViewExtension"]
