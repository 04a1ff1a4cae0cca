"""`python -m bench`: measures and prints one table. `--quick` to try it, `--only agi,pop` for some rows."""

from __future__ import annotations

import argparse
import importlib
import sys
import time

from bench.report import Row, table

PARTS = ("agi", "engine", "tickets", "calls", "pop", "memory")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds and calls: to see that it runs")
    parser.add_argument("--only", default="", help=f"some of {','.join(PARTS)}")
    given = parser.parse_args()
    wanted = given.only.split(",") if given.only else list(PARTS)
    if unknown := sorted(set(wanted) - set(PARTS)):
        parser.error(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    rows: list[Row] = []
    failed: list[str] = []
    for part in wanted:
        started = time.monotonic()
        print(f"{part} …", end=" ", flush=True, file=sys.stderr)
        try:
            rows += importlib.import_module(f"bench.{part}").measure(given.quick)
        except Exception as error:
            notes = "\n".join(getattr(error, "__notes__", ()))
            failed.append(f"{part}: {type(error).__name__}: {error}\n{notes}".rstrip())
        print(f"{time.monotonic() - started:.0f} s", file=sys.stderr)
    print(table(rows))
    for line in failed:
        print(f"NOT MEASURED  {line}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
