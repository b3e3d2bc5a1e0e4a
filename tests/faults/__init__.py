"""Faults injected for real, and whether every answer is still true afterwards."""
