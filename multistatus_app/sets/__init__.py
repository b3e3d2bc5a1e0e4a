"""Many operations at once: what needs no code of the project, done for all of them."""
