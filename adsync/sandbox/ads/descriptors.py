"""The message descriptors of each API version, taken once from the installed client and kept in the user's cache.

Importing one version of the client costs a second and 60 MB; its descriptors load in 30 ms and 15 MB. Run as a
program, this module writes those of one version to its standard output.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from contextlib import suppress
from functools import cache
from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool


@cache
def versions() -> tuple[str, ...]:
    """The API versions of the installed client, oldest first."""
    spec = find_spec("google.ads.googleads")
    assert spec is not None and spec.submodule_search_locations is not None
    folders = [entry for place in spec.submodule_search_locations for entry in Path(place).iterdir() if entry.is_dir()]
    numbers = [int(folder.name[1:]) for folder in folders if re.fullmatch(r"v\d+", folder.name)]
    return tuple(f"v{number}" for number in sorted(numbers))


def pool_of(version: str) -> descriptor_pool.DescriptorPool:
    """A pool with the messages of a version, apart from the pool that the client itself fills.

    Raises subprocess.CalledProcessError when the client has no such version.
    """
    kept = _cache_file(version)
    try:
        return _loaded(_verified(kept.read_bytes()))
    except (OSError, ValueError):
        # Not there yet, or spoilt: taken anew.
        content = _dumped(version)
    _keep(kept, content)
    return _loaded(content)


def _cache_file(version: str) -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(home).expanduser() / "adsync" / f"google-ads-{metadata.version('google-ads')}-{version}.binpb"


def _dumped(version: str) -> bytes:
    """In a process of its own, so that this one never carries the client's 900 modules."""
    command = [sys.executable, "-m", __name__, version]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout


def _keep(path: Path, content: bytes) -> None:
    """Puts the content into the cache in one step; a cache that cannot be written is done without."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh.write_bytes(hashlib.sha256(content).digest() + content)
        fresh.replace(path)
    except OSError:
        with suppress(OSError):
            fresh.unlink()


def _verified(kept: bytes) -> bytes:
    """What was kept behind its checksum. Raises ValueError when the disk returns something else."""
    checksum, content = kept[:32], kept[32:]
    if hashlib.sha256(content).digest() != checksum:
        raise ValueError("the checksum differs")
    return content


def _loaded(content: bytes) -> descriptor_pool.DescriptorPool:
    pool = descriptor_pool.DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString(content).file:
        pool.Add(file)
    return pool


def descriptor_set(version: str) -> bytes:
    """The serialised FileDescriptorSet of a version; a file stands behind those that it needs."""
    package = f"google.ads.googleads.{version}"
    import_module(f"{package}.services")
    found: dict[str, Any] = {}

    def add(file: Any) -> None:
        if file.name in found:
            return
        for needed in file.dependencies:
            add(needed)
        found[file.name] = descriptor_pb2.FileDescriptorProto()
        file.CopyToProto(found[file.name])

    for name, module in list(sys.modules.items()):
        if name.startswith(f"{package}.") and ".types." in name:
            for value in list(vars(module).values()):
                if isinstance(value, type) and hasattr(value, "pb"):
                    add(value.pb().DESCRIPTOR.file)
    content: bytes = descriptor_pb2.FileDescriptorSet(file=found.values()).SerializeToString()
    return content


if __name__ == "__main__":
    sys.stdout.buffer.write(descriptor_set(sys.argv[1]))
