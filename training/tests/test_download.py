"""The data are downloaded from a server on this machine: whole, with the checksum that is expected, or not at all."""

import io
import threading
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from droughtwatch.download import run
from droughtwatch.errors import Failed, WrongUse
from droughtwatch.folder import find_data


def zipped(members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return content.getvalue()


ARCHIVE = zipped({"droughtwatch_data/train/part-0": b"train", "droughtwatch_data/val/part-0": b"val"})
DIGEST = sha256(ARCHIVE).hexdigest()
OUTSIDE = zipped({"../outside": b"there"})
CUT = ARCHIVE[:-30]
SERVED = {"/archive.zip": ARCHIVE, "/outside.zip": OUTSIDE, "/cut.zip": CUT}


class Handler(BaseHTTPRequestHandler):
    """Serves the archives, and one that breaks off."""

    def do_GET(self) -> None:
        content = SERVED.get(self.path, ARCHIVE)
        self.send_response(404 if self.path == "/none.zip" else 200)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[:100] if self.path == "/breaks-off.zip" else content)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_an_archive_with_the_expected_checksum_is_unpacked(server: str, tmp_path: Path) -> None:
    run([str(tmp_path), "--url", f"{server}/archive.zip", "--sha256", DIGEST])
    assert files_in(tmp_path) == ["droughtwatch_data/train/part-0", "droughtwatch_data/val/part-0"]
    assert len(find_data(tmp_path / "droughtwatch_data").held_out) == 1


def test_the_first_time_its_checksum_is_told(server: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run([str(tmp_path), "--url", f"{server}/archive.zip", "--first-time"])
    assert f'sha256 = "{DIGEST}"' in capsys.readouterr().out
    assert len(files_in(tmp_path)) == 2


@pytest.mark.parametrize(
    ("path", "options", "error", "says"),
    [
        ("archive.zip", ["--sha256", "0" * 64], Failed, f"found the SHA-256 {DIGEST}, allowed is 0000"),
        ("archive.zip", [], WrongUse, "--sha256: found none"),
        ("archive.zip", ["--sha256", "ABC"], WrongUse, "--sha256: found 'ABC', allowed are 64 hexadecimal digits"),
        ("none.zip", ["--first-time"], Failed, "Not Found"),
        ("breaks-off.zip", ["--first-time"], Failed, "broke off after 100 "),
        ("cut.zip", ["--first-time"], Failed, "is no whole zip file"),
        ("outside.zip", ["--first-time"], Failed, r"found the member '\.\./outside'"),
    ],
)
def test_anything_else_leaves_nothing(
    server: str, tmp_path: Path, path: str, options: list[str], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        run([str(tmp_path / "data"), "--url", f"{server}/{path}", *options])
    assert files_in(tmp_path) == []


@pytest.mark.parametrize("url", ["http://example.org/a.zip", "file:///etc/passwd", "ftp://127.0.0.1/a.zip", "archive.zip"])
def test_addresses_that_could_be_changed_on_the_way_are_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(WrongUse, match="--url: found"):
        run([str(tmp_path), "--url", url, "--first-time"])
