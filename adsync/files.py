"""Files that hold other people's business: readable by their owner only."""

from __future__ import annotations

import errno
import os
from collections.abc import Hashable
from pathlib import Path
from typing import Any

_LARGEST_YAML = 20_000_000
"""In bytes. A config of a thousand accounts has less than one; a device never ends."""


def write_private(path: Path, text: str) -> None:
    """Writes a file that only its owner may read, in one step: nobody ever sees half of it.

    A link is followed, and a device or pipe is written to. Raises OSError.
    """
    path = path.resolve()
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "is a folder", str(path))
    if path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8")
        return
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


def read_yaml(path: Path) -> object:
    """What a YAML or JSON file holds; a key that stands twice is refused, as is what YAML cannot make of it.

    Raises OSError, UnicodeDecodeError, and ValueError with the reason in one line.
    """
    import yaml

    with path.open("rb") as file:
        content = file.read(_LARGEST_YAML + 1)
    if len(content) > _LARGEST_YAML:
        raise ValueError(f"it is larger than {_LARGEST_YAML / 1e6:,.0f} MB")
    text = content.decode()
    try:
        return yaml.load(text, _unique_keys())  # noqa: S506  (a SafeLoader, see there)
    except (yaml.YAMLError, ValueError, KeyError, AttributeError, TypeError) as error:
        # Beside YAMLError the library lets through what Python says of dates and numbers that do not exist.
        raise ValueError(" ".join(str(error).split()) or type(error).__name__) from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _unique_keys() -> Any:
    """A SafeLoader that keeps no later key in place of an equal one: a forgotten line would name a different account."""
    import yaml

    class UniqueKeys(yaml.SafeLoader):
        def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
            seen: set[object] = set()
            for key_node, _ in node.value:
                key = self.construct_object(key_node, deep=True)
                if not isinstance(key, Hashable):
                    break  # a list or a mapping as key: refused below
                if key in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key {key!r} stands twice", key_node.start_mark
                    )
                seen.add(key)
            return super().construct_mapping(node, deep)

    return UniqueKeys
