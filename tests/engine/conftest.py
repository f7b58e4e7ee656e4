"""Both engines for the tests that ask for them: the compiled kernels, and the NumPy twin."""

from __future__ import annotations

import pytest

from legdx.engine import kernels


@pytest.fixture(params=["kernels", "twin"])
def engine(request, monkeypatch):
    """Run the test by one engine and then by the other."""
    if request.param == "twin":
        for module in ("inference", "batch"):
            monkeypatch.setattr(f"legdx.engine.{module}.compiled", lambda _network: None)
    elif not kernels().are_compiled:
        pytest.skip(kernels().reason)
    return request.param
