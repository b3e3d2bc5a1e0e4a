"""XML in the vocabulary of WebDAV (RFC 4918): its names, a writer, a safe reader.

Nothing here depends on HTTP requests or Django's views.
"""

from multistatus_app.formats.dav.foreign import refuse_foreign
from multistatus_app.formats.dav.names import escape_name, unescape_name
from multistatus_app.formats.dav.reading import (
    OddContent,
    describe_misplaced,
    get_label,
    parse,
    read_fields,
    read_value,
)
from multistatus_app.formats.dav.values import (
    MAX_DATA_DEPTH,
    TOO_DEEP,
    get_member_name,
    simplify,
)
from multistatus_app.formats.dav.writing import (
    write_document,
    write_error,
    write_multistatus,
)

__all__ = [
    "MAX_DATA_DEPTH",
    "TOO_DEEP",
    "OddContent",
    "describe_misplaced",
    "escape_name",
    "get_label",
    "get_member_name",
    "parse",
    "read_fields",
    "read_value",
    "refuse_foreign",
    "simplify",
    "unescape_name",
    "write_document",
    "write_error",
    "write_multistatus",
]
