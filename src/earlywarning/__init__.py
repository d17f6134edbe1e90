"""Explainable risk flags from published council metrics, to start early-warning conversations."""

__version__ = "0.1.0"
