"""What Django does not tell of a database: locks, constraints, triggers, statements."""
