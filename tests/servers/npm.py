"""A file of a published npm package, for pages that a test shows to a real browser.

It is fetched once into the user's cache by ``npm pack``, which runs nothing of the package, and used only if
it is, byte for byte, what the test was written for.
"""

import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

from tests.servers.cache import cache


class NoPackage(Exception):
    """The package is not to be had here, or is another one."""


@dataclass(frozen=True, slots=True)
class Package:
    """One version of a package; ``integrity`` is what ``npm view NAME@VERSION dist.integrity`` says."""

    name: str
    version: str
    integrity: str

    def file(self, path: str) -> bytes:
        """Return the content of one of its files.

        Raises:
            NoPackage: It could not be fetched, or differs from what is wanted.
        """
        archive = self._fetched()
        found = "sha512-" + b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if found != self.integrity:
            archive.unlink()
            raise NoPackage(f"{self.name}@{self.version} is {found}; expected {self.integrity}")
        with tarfile.open(archive) as opened:
            member = opened.extractfile(f"package/{path}")
            assert member is not None, f"{path} is no file"
            return member.read()

    def _fetched(self) -> Path:
        archive = cache() / f"{self.name.strip('@').replace('/', '-')}-{self.version}.tgz"
        if archive.exists():
            return archive
        if shutil.which("npm") is None:
            raise NoPackage("no npm: install Node.js with npm (apt install npm)")
        cache().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache()) as folder:
            package = f"{self.name}@{self.version}"
            command = ["npm", "pack", "--silent", f"--pack-destination={folder}", package]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            (fetched,) = Path(folder).iterdir()
            fetched.rename(archive)
        return archive
