"""How fast is the library from a table to flags, beside its peers on the same series?"""
