"""A second encoding of figures, made without a look at the first, and what came of comparing the two."""
