"""What a model is worth on real cases: published vignettes read, scored, counted."""

from legdx.learning.vignettes import Vignette, read_vignettes

__all__ = ["Vignette", "read_vignettes"]
