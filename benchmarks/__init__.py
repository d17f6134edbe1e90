"""Laboratories: what the library finds, how fast, and what its peers do on the same series."""
