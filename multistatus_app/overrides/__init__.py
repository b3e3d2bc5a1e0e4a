"""What of a project's classes is REST framework's own, and what their hooks do."""
