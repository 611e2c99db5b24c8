"""Corpora as batches: tokenised once, memory-mapped, cut to length, bucketed."""
