"""Kernels of our own for CUDA, each with a twin in plain PyTorch that has the same signature."""
