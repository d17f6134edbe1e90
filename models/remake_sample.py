"""Fit the sample and save the model beside this file: `python models/remake_sample.py`."""

from pathlib import Path

from earlywarning import EarlyWarning, as_catalogue, as_panel, carry_history, sample_tables
from earlywarning.registry import save_model


def sample_model() -> EarlyWarning:
    """Return a model fitted on data/sample, as `earlywarning demo` reads it."""
    tables = sample_tables()
    catalogue = as_catalogue(tables.catalogue)
    panel = carry_history(as_panel(tables.panel, catalogue=catalogue), tables.register, catalogue)
    return EarlyWarning(catalogue=catalogue, register=tables.register).fit(panel)


if __name__ == "__main__":
    save_model(sample_model(), Path(__file__).parent / "sample")
