"""`python -m adsync`, and the `adsync` command."""

from __future__ import annotations

import sys


def main() -> None:
    from adsync.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
