"""The Natural Language Decathlon and its Multitask Question Answering Network, reproducible."""

__version__ = "0.1.0"
