"""Recipes of the docs that need a library: each is told in a process of its own.

Libraries change what is global, so a page's sections cannot share a process:

    python -m tests.recipes docs/guides/undone.md "A query cache: django-cachalot"
"""
