"""Many operations at once: look-ups that they share, and sets written together.

knowledge    what a frame of operations looks up: lookups, rows, uniques, targets
               SharedLookups   for operations run by their own action
               Knowledge       for sets
composing    what is found out once about a serializer class
preparing    one operation, up to where it would be written: pending, or in doubt
writing      pending ones in a few statements (writers/), receivers called
answering    their outcomes

A *doubt* is an operation that cannot be decided before those before it are written. It
is run singly, at its place.
"""
