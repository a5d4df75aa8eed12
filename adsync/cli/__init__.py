"""The command line: one module per command, imported only when it is called."""

from adsync.cli.main import run

__all__ = ["run"]
