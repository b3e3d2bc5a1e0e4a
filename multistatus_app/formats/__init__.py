"""Bytes ↔ documents: parsers, renderers, and the choice between them.

body ──▶ negotiation ──▶ a parser: json, or xml by dav/reading ──▶ document
                                                                      │ requests/
                                                                      ▼ strategies/
response ◀── a renderer: json, or xml by dav/writing ◀── negotiation ◀── MultiStatus
             browsable: the JSON in DRF's page, with a form for each method

A *format* is a module with a parser and a renderer, and a line in `registry`.
*Plain* data holds only the types of JSON. *Foreign* elements are in a namespace that is
neither ours nor that of the fields. An *odd* element cannot be read as a value.
"""
