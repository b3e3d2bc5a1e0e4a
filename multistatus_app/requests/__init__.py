"""Documents → Operations: what a request asks for, its options and its limits."""
