"""Makes thumbnail.vectors.json, the pixels that the thumbnails' test compares with, as SHA-256 of each picture's bytes.

    python thumbnail.py    (needs numpy, and what test/golden/golden.py needs, whose reader of the bundled shard it uses)

By numpy alone: percentiles of all shown bands together, a linear stretch, rint. It shares no code with the service.
"""

import json
import sys
from hashlib import sha256
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[2] / "test/golden"))
from golden import SHARD, features, frames  # noqa: E402


def planes(record, bands):
    return np.stack([np.frombuffer(record[band], np.uint8).reshape(65, 65) for band in bands], axis=-1).astype(float)


def halved(image):
    """65 x 65 pixels as 33 x 33 means of squares; the last ones of each row and column are cut off."""
    padded = np.pad(image, ((0, 1), (0, 1), (0, 0)), constant_values=np.nan)
    return np.nanmean(padded.reshape(33, 2, 33, 2, -1), axis=(1, 3))


def stretched(image):
    low, high = np.quantile(image, [0.02, 0.98])
    if image.shape[-1] > 1 and low > 0:
        low /= 2
    share = (image - low) / (high - low) if high > low else np.full(image.shape, 0.5)
    return np.clip(np.rint(255 * share), 0, 255).astype(np.uint8)


def digests(images):
    return [sha256(stretched(image).tobytes()).hexdigest() for image in images]


def main():
    records = [features(data) for _, _, data in frames(SHARD.read_bytes())]
    colour = [planes(record, ["B4", "B3", "B2"]) for record in records]
    vectors = {
        "made with": {"numpy": np.__version__},
        "red, green, blue": digests(colour),
        "red, green, blue, at most 33 pixels": digests(map(halved, colour)),
        "B2 alone": digests(planes(record, ["B2"]) for record in records),
    }
    (HERE / "thumbnail.vectors.json").write_text(json.dumps(vectors, indent=1) + "\n")


if __name__ == "__main__":
    main()
