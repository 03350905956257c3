"""Runs one subject: `python -m bench.worker NAME ADDRESS`, then a line with a number of calls for each round."""

from __future__ import annotations

import gc
import json
import os
import resource
import sys
import time

from . import crowds, subjects

PEAK_UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes in a unit of `ru_maxrss`."""


def main() -> None:
    """Answer each line with what the calls took, in seconds, and with the process' highest memory so far, in bytes."""
    name, address = sys.argv[1:]
    run: subjects.Run = getattr(subjects if hasattr(subjects, name) else crowds, name)(address)
    for line in sys.stdin:
        gc.collect()
        wall, cpu = time.perf_counter(), time.process_time()
        run(int(line))
        took = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * PEAK_UNIT
        print(json.dumps({**took, "peak": peak}), flush=True)
    os._exit(0)  # the subjects' connections need no closing, each in its own way


if __name__ == "__main__":
    main()
