"""How often do intervals hold the next value, on real panels replayed release by release?"""
