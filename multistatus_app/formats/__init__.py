"""Bytes ↔ documents: parsers, renderers, and the choice between them.

body ──▶ negotiation ──▶ parsers: JSON, or XML by dav/reading ──▶ document
                                                                    │ requests/
                                                                    ▼ strategies/
response ◀── renderers: JSON, or XML by dav/writing ◀── negotiation ◀── MultiStatus
             browsable: the JSON in DRF's page, with a form for each method

*Plain* data holds only the types of JSON. *Foreign* elements are in a namespace that is
neither ours nor that of the fields. An *odd* element cannot be read as a value.
"""
