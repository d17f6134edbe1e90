"""Is it far from its peers, beyond what its own size makes chance do?

Intervals of one authority, limits about a target, and how much authorities differ
beyond chance. Takes numerators and denominators, authorities down, periods across.
"""
