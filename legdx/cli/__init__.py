"""The `legdx` command: one module a verb, each of which reads, calls the library, and writes.

Exit codes: 0 done; 1 the input cannot be used; 2 the command was called wrongly; 3 done, with rejected rows.
"""

from legdx.cli.app import main

__all__ = ["main"]
