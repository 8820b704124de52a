"""The command: python run_sim.py --help.

Everything it does is in sim/cli. This file only says in one line what to do when Python is too old or a
library is missing, so it keeps to syntax that an older Python can read.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - the very people who need the message have the older Python
    have = ".".join(map(str, sys.version_info[:2]))
    sys.stderr.write(f"Python 3.11 or newer is needed; this is {have}. See README.md.\n")
    sys.exit(2)

try:
    from sim.cli import main

    if __name__ == "__main__":
        main()
except ModuleNotFoundError as missing:
    if (missing.name or "sim").split(".")[0] == "sim":
        raise  # a part of the simulation itself: a fault in the program, not in the installation
    sys.stderr.write(
        f"The library '{missing.name}' is not installed. Run 'make setup', or without make: pip install -e . "
        '(sweeps and workshop need pip install -e ".[sweep,workshop]").\n'
    )
    sys.exit(2)
