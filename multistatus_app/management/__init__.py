"""Extensions of `manage.py`."""
