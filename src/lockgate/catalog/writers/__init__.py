"""How each kind of object is written as SQL: one module per kind, gathered in ``registry``."""
