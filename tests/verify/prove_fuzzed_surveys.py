"""20,000 fuzzed files: none crashes the reader, none takes five seconds, none is scored that is no survey.

Run by `make verify`. With a number, that many files are tried; with two, those from the first to the second.
"""

import signal
import sys
import tempfile
import time

from legdx.knowledge import load_knowledge
from legdx.model import packaged_folder
from tests.batch.fake_model import FakeModel
from tests.survey.fuzz import fuzzed, sources
from tests.survey.test_fuzz import HANG_SECONDS, check, outcome

FILES = 20_000
STUCK_SECONDS = 60
"""By the clock: for a file that waits for something and does not come back."""


def main(first, last):
    """Try the files, and show what became of them; a failure names the number of its file."""
    model = FakeModel(load_knowledge(packaged_folder()))
    exports = sources()
    signal.signal(signal.SIGALRM, _hang)
    signal.signal(signal.SIGPROF, _hang)
    found = {"scored": 0, "refused": 0}
    slowest, began = (0.0, 0), time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(first, last):
            file = fuzzed(number, exports)
            start = time.process_time()
            signal.setitimer(signal.ITIMER_PROF, HANG_SECONDS)  # of the processor, however busy the machine is
            signal.alarm(STUCK_SECONDS)
            try:
                report = outcome(file, folder, model, number)
                check(file, report, number)
            except BaseException:
                print(f"file {number} ({file.kind}, {file.mapping.parent.name}) failed", file=sys.stderr)
                raise
            finally:
                signal.setitimer(signal.ITIMER_PROF, 0)
                signal.alarm(0)
            slowest = max(slowest, (time.process_time() - start, number))
            found["refused" if report is None else "scored"] += 1
    print(
        f"{last - first:,} fuzzed files in {time.perf_counter() - began:.0f} s: {found['scored']:,} scored, "
        f"{found['refused']:,} refused; no crash, at most {slowest[0]:.2f} s of processor (file {slowest[1]})"
    )


def _hang(*_):
    message = f"no answer after {HANG_SECONDS} s of the processor, or {STUCK_SECONDS} s by the clock"
    raise TimeoutError(message)


if __name__ == "__main__":
    numbers = [int(text.replace(",", "")) for text in sys.argv[1:]] or [FILES]
    main(*([0, *numbers] if len(numbers) == 1 else numbers))
