"""Libraries that projects have: a batch must do with each what its single requests do.

Libraries change what is global, so each runs in a process of its own:

    python -m tests.companions simple_history
"""
