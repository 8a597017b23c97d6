"""`uv run download`: the training data, by their address and checksum, into a folder."""

import argparse
import re
import sys
import tomllib
import urllib.request
import zipfile
from hashlib import sha256
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit

from droughtwatch.errors import Failed, WrongUse, told
from droughtwatch.paths import TRAINING

TIMEOUT_SECONDS = 60
CHUNK_BYTES = 2**20
MAX_UNPACKED_BYTES = 20 * 1024**3
"""The archive's 2.15 GB unpack to 4.3: what is far more is no such archive."""


def main() -> None:
    """The command; it ends the process with its exit code."""
    sys.exit(told(lambda: run(sys.argv[1:])))


def run(words: list[str]) -> None:
    """Downloads, checks and unpacks as the words of the command line say.

    Raises WrongUse or Failed; an archive that is not the expected one is not unpacked.
    """
    asked = tomllib.loads((TRAINING / "data.toml").read_text())
    parser = argparse.ArgumentParser(prog="download", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the data go: train/ and val/ end up in a folder of it")
    parser.add_argument("--url", default=asked["url"], help="of the archive; default: that of data.toml")
    parser.add_argument("--sha256", default=asked.get("sha256"), help="its checksum; default: that of data.toml")
    parser.add_argument("--first-time", action="store_true", help="take the archive as it comes, where nobody knows its checksum yet")
    given = parser.parse_args(words)
    check_address(given.url)
    if given.sha256 is None and not given.first_time:
        allowed = "64 hexadecimal digits, or --first-time to take the archive as it comes and have its checksum told"
        raise WrongUse(f"--sha256: found none, and data.toml has none: allowed are {allowed}")
    if given.sha256 is not None and not re.fullmatch(r"[0-9a-f]{64}", given.sha256):
        raise WrongUse(f"--sha256: found {given.sha256!r}, allowed are 64 hexadecimal digits")
    given.folder.mkdir(parents=True, exist_ok=True)
    archive = given.folder / ".archive.part"
    try:
        digest = fetch(given.url, archive)
        if given.sha256 is None:
            print(f'The archive came for the first time. Put this into data.toml, so that it stays the same: sha256 = "{digest}"')
        elif digest != given.sha256:
            raise Failed(f"{given.url}: found the SHA-256 {digest}, allowed is {given.sha256}; nothing was unpacked")
        print(f"{unpack(archive, given.folder)} files are in {given.folder}.")
    finally:
        archive.unlink(missing_ok=True)


def check_address(url: str) -> None:
    """Raises WrongUse for an address whose answer could be changed on the way, but for this machine's own."""
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")):
        return
    raise WrongUse(f"--url: found {url!r}, allowed is an address that begins with https://, or one of this machine itself")


def fetch(url: str, to: Path) -> str:
    """Writes what an address has into a file, and returns its SHA-256. Raises Failed where it does not come whole."""
    whole, received = sha256(), 0
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer, to.open("wb") as file:
            announced = answer.headers["content-length"]
            while some := answer.read(CHUNK_BYTES):
                whole.update(some)
                file.write(some)
                received += len(some)
    except URLError as error:
        raise Failed(f"{url}: {error.reason}") from error
    except OSError as error:
        raise Failed(f"{url}: broke off after {received} bytes ({error})") from error
    if announced is not None and received != int(announced):
        raise Failed(f"{url}: broke off after {received} of {announced} bytes")
    return whole.hexdigest()


def unpack(archive: Path, folder: Path) -> int:
    """Unpacks a zip, and returns how many files are in it. Raises Failed where it is none, is damaged, or would leave the folder."""
    try:
        with zipfile.ZipFile(archive) as packed:
            members = [member for member in packed.infolist() if not member.is_dir()]
            if (size := sum(member.file_size for member in members)) > MAX_UNPACKED_BYTES:
                raise Failed(f"the archive: found {size} bytes unpacked, allowed are at most {MAX_UNPACKED_BYTES}")
            for member in members:
                if not (folder / member.filename).resolve().is_relative_to(folder.resolve()):
                    raise Failed(f"the archive: found the member {member.filename!r}, allowed is a place inside of the folder")
            packed.extractall(folder, members)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError) as error:
        raise Failed(f"the archive: is no whole zip file ({error})") from error
    return len(members)
