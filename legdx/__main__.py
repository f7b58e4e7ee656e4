"""`python -m legdx`: the same command as `legdx`."""

import sys

from legdx.cli import main

if __name__ == "__main__":
    sys.exit(main())
