"""Makes archives.vectors.json: tars and zips of small pictures as Python's tarfile and zipfile write them.

    python vectors.py    (needs Python 3.11, Pillow 13.0.0, rasterio 1.4.4 and numpy)

Each archive in gzip, as base64, and of each of its pictures the name, and the values of its bands, row by row. It shares no code with
the service.
"""

import base64
import gzip
import io
import json
import tarfile
import warnings
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image
from rasterio.io import MemoryFile

HERE = Path(__file__).resolve().parent
SIDE = 4
warnings.simplefilter("ignore")
random = np.random.default_rng(17)


def picture(name):
    """A picture of three bands in a format that the name says, and its values."""
    values = random.integers(1, 200, (SIDE, SIDE, 3), dtype="uint8")
    kind = name.rsplit(".", 1)[1]
    if kind == "tif":
        with MemoryFile() as file:
            with file.open(driver="GTiff", width=SIDE, height=SIDE, count=3, dtype="uint8", compress="deflate") as tif:
                tif.write(values.transpose(2, 0, 1))
            content = file.read()
    else:
        out = io.BytesIO()
        Image.fromarray(values).save(out, {"png": "PNG", "webp": "WEBP"}[kind], **({"lossless": True} if kind == "webp" else {}))
        content = out.getvalue()
    return content, [values[:, :, band].ravel().tolist() for band in range(3)]


class Unseekable(io.RawIOBase):
    """What a pipe is: what comes first has to be written before it is known."""

    def __init__(self):
        self.content = bytearray()

    def writable(self):
        return True

    def write(self, part):
        self.content += bytes(part)
        return len(part)


def tar(names, format=tarfile.PAX_FORMAT, others=(), mode="w", change=lambda info: info, **more):
    out = io.BytesIO()
    images = []
    with tarfile.open(fileobj=out, mode=mode, format=format, **more) as archive:
        for info, content in others:
            archive.addfile(info, io.BytesIO(content) if content is not None else None)
        for name in names:
            content, bands = picture(name)
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(change(info), io.BytesIO(content))
            images.append({"name": name, "bands": bands})
    return out.getvalue(), images


def zipped(names, out=None, others=(), compression=zipfile.ZIP_STORED, zip64=False, comment=b""):
    out = out or io.BytesIO()
    images = []
    with zipfile.ZipFile(out, "w", compression) as archive:
        archive.comment = comment
        for name, content in others:
            archive.writestr(name, content)
        for name in names:
            content, bands = picture(name)
            with archive.open(name, "w", force_zip64=zip64) as member:
                member.write(content)
            images.append({"name": name, "bands": bands})
    return bytes(out.content) if isinstance(out, Unseekable) else out.getvalue(), images


def folder(name):
    info = tarfile.TarInfo(name)
    info.type = tarfile.DIRTYPE
    return info, None


def note(name):
    info = tarfile.TarInfo(name)
    info.size = 700
    return info, b"x" * 700


def dated(info):
    """A time of fractions is in a pax header, whatever the name is."""
    info.mtime = 1_700_000_000.5
    return info


NAMES = ["a.png", "north/b.webp", "north/c.tif"]
LONG = ["north/" + "folder-of-many-letters/" * 12 + "picture.png", "short.png"]
UTF8 = ["zürich/Übersicht.png", "東京.png"]
OTHERS = ["__MACOSX/north/._a.png", ".DS_Store", "north/.hidden.png", "README.md", "north/notes.txt", "LABELS.JSON"]

cases = {
    "a tar of POSIX 1988": tar(NAMES, tarfile.USTAR_FORMAT),
    "a tar of POSIX 1988 with a name in two fields": tar(["d" * 90 + "/" + "f" * 60 + ".png"], tarfile.USTAR_FORMAT),
    "a tar of GNU": tar(NAMES, tarfile.GNU_FORMAT),
    "a tar of GNU with a long name": tar(LONG, tarfile.GNU_FORMAT),
    "a tar of GNU with a name of UTF-8": tar(UTF8, tarfile.GNU_FORMAT),
    "a tar of pax": tar(NAMES),
    "a tar of pax with a long name": tar(LONG),
    "a tar of pax with a name of UTF-8": tar(UTF8),
    "a tar of pax with times and a comment on all": tar(NAMES, change=dated, pax_headers={"comment": "on all"}),
    "a tar with folders, notes and hidden files": tar(NAMES, others=[folder("north"), *map(note, OTHERS)]),
    "a tar in gzip": tar(NAMES, mode="w:gz"),
    "a tar in gzip with folders and long names": tar(LONG, tarfile.GNU_FORMAT, [folder("north")], mode="w:gz"),
    "a zip, stored": zipped(NAMES),
    "a zip, deflated": zipped(NAMES, compression=zipfile.ZIP_DEFLATED),
    "a zip with a comment": zipped(NAMES, comment=b"PK\x05\x06 of a comment"),
    "a zip with names of UTF-8": zipped(UTF8),
    "a zip with a long name": zipped(LONG),
    "a zip into a pipe, stored": zipped(NAMES, Unseekable()),
    "a zip into a pipe, deflated": zipped(NAMES, Unseekable(), compression=zipfile.ZIP_DEFLATED),
    "a zip with folders, notes and hidden files": zipped(
        NAMES, others=[("north/", b""), *((name, b"x" * 700) for name in OTHERS)]
    ),
    "a zip whose local headers are of zip64": zipped(NAMES, zip64=True),
}

# As of archives of more than 4 GiB and 65,535 files.
zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT = 10, 1
cases["a zip64"] = zipped(NAMES, compression=zipfile.ZIP_DEFLATED, zip64=True, comment=b"of a comment")
cases["a zip64 into a pipe"] = zipped(NAMES, Unseekable(), zip64=True)

with open(HERE / "archives.vectors.json", "w") as file:
    entries = [
        {"what": what, "file": base64.b64encode(gzip.compress(content, mtime=0)).decode(), "images": images}
        for what, (content, images) in cases.items()
    ]
    json.dump(entries, file, ensure_ascii=False, separators=(",", ":"))
    file.write("\n")
