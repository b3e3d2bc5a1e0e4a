"""Our routes in the OpenAPI document. Only this package imports drf-spectacular.

Importing it registers the extension with drf-spectacular. A viewset needs no annotation
and a project no setting. The project's own annotations are kept.
"""

from multistatus_app.openapi.extension import BulkViewExtension
from multistatus_app.openapi.schemas import BulkSchemaMixin

__all__ = ["BulkSchemaMixin", "BulkViewExtension"]
