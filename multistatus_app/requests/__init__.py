"""Documents → Operations: the shape of requests, their options and limits.

request ──▶ options: atomic, dry_run, only_failures, Prefer
            bodies: its document, within the limits
            bulk: one method for all     ┐
            batch: a method for each     ┴─▶ elements: keys and data, checked
                                                │
                                 Operations, with what is wrong in .problems

An *element* is a part of the document that stands for one operation. A malformed
request is refused as a whole; an invalid element is one failed operation. *Endpoints*
are the single ones of a viewset; *preconditions* are entity tags and `if_match`.
"""
