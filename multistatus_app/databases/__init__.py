"""Facts about a database beyond Django: locks, constraints, statements.

aliases: the databases that a request's transaction covers
   │
statements: StatementLog ◀── every statement of an operation ──▶ Write: table, values
   │                                                               │
   │            triggers: which tables *reach* other rows ─────────┘
   ▼
constraints: those deferred to the commit, checked now ──▶ sqlite: its foreign keys
locks, values, collations: rows for update; rows by many values; equal texts

A write *reaches* further than its table says if a trigger, a rule or a cascade may
change other rows.
"""
