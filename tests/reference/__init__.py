"""Literal float64 references: loops written from the paper's equations, as slow as they read."""
