"""Bytes ↔ documents: what is parsed and rendered, and which of them is asked for."""
