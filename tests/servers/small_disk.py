"""A real disk of a few megabytes, for tests to fill: a file system in memory, mounted for one test alone.

It is mounted in a namespace of its own (``unshare`` of util-linux, which needs no leave from the machine's
administrator where user namespaces are on), and whoever is to see it is started in there. It is gone when
the process that holds the namespace ends.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """A disk, mounted at ``path``, and the process that holds it."""

    path: Path
    holder: int

    def seen_by(self, *command: str) -> list[str]:
        """Return a command as it is started where the disk is seen."""
        into = ["nsenter", "--user", "--preserve-credentials", "--mount", "--target", str(self.holder)]
        return [*into, *command]

    def remount(self, options: str) -> None:
        """Change the disk while it is in use: ``size=64m``, ``ro``, ``rw``."""
        mount = self.seen_by("mount", "-o", f"remount,{options}", str(self.path))
        subprocess.run(mount, check=True, timeout=20)


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[SmallDisk]:
    """Give a disk of this size (``6m``), mounted at a folder that only its own namespace sees."""
    script = f'mount -t tmpfs -o size={size} tmpfs "$0" && echo mounted && read -r _'
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "mounted\n", "unshare or mount did not work; see its message above"
        try:
            yield SmallDisk(folder, holder.pid)
        finally:
            holder.communicate("done\n", timeout=20)
