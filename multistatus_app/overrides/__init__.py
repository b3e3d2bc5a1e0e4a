"""Overrides of REST framework in a project's classes, and the effects of hooks.

decisions: the depth of a method, with the reasons against a deeper one
   ├── origins         which class defines a name: DRF's, or the project's
   ├── viewsets ──▶ hooks: is it `serializer.save(...)` alone? (from its source)
   ├── serializers     fields, validation, representation
   └── models ──▶ deletions: rows deleted with a row
               └▶ querysets: rows of one table, read by Django's code alone

A *reason* is a sentence about an override, for logs and `bulk_endpoints`. *Stock* is
the definition that DRF ships. The *depth* is how operations are run: singly, by a call
of the view, or in sets, by one statement for many.
"""
