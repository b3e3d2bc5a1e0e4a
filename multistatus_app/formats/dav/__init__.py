"""XML in the vocabulary of WebDAV (RFC 4918): its names, a writer, a safe reader.

Nothing here depends on HTTP requests or Django's views.
"""
