"""Fitted models that open next year: saved, listed, loaded, compared, and held against new data.

A model is a folder: `manifest.json` says what it is, `arrays.npz` holds the numbers that were
learnt, `SHA256SUMS` the hash of both. No pickle is ever written or loaded.
"""

from earlywarning.registry.comparing import compare_models
from earlywarning.registry.drifting import drift, drift_issues
from earlywarning.registry.listing import list_models
from earlywarning.registry.loading import load_model
from earlywarning.registry.saving import save_model

__all__ = [
    "compare_models",
    "drift",
    "drift_issues",
    "list_models",
    "load_model",
    "save_model",
]
