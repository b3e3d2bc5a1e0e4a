"""One module for each library: its settings, its models, its viewset."""
