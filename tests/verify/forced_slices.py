"""The networks of `against_enumeration.py`, nearly all of them run in slices (`make verify`).

The kernels are compiled with a smaller limit on tables, once for each limit.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.oracle.forced_slices import compile_kernels, use
from tests.verify import against_enumeration

ENTRIES = (4, 8, 32)


def main(wanted=1500, first=0):
    failed = 0
    for entries in ENTRIES:
        with tempfile.TemporaryDirectory() as folder, use(compile_kernels(Path(folder), entries)):
            failed |= against_enumeration.main(wanted, first)
    return failed


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
