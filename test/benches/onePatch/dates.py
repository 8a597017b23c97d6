# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.2.6"]
# ///
"""Writes dates.json: what lies in one place on 68 dates of Sentinel-2, with clouds and without.

From eo-learn's example data (https://github.com/sentinel-hub/eo-learn at 303e758, MIT; Copernicus data): the folder
that holds data/NDVI.npy, mask/CLM.npy (1 is a cloud) and timestamps.json is the argument.

Each line has the day and, of its 100 squares of 10 x 10 pixels, how many have a mean NDVI below 0.25, below 0.45,
below 0.6, and above: of all squares, and of those with at most a fifth under clouds.
"""

import json
import sys
from pathlib import Path

import numpy as np

folder = Path(sys.argv[1])
ndvi = np.load(folder / "data/NDVI.npy")[..., 0][:, :100]
clouds = np.load(folder / "mask/CLM.npy")[..., 0][:, :100]
days = [time[:10] for time in json.loads((folder / "timestamps.json").read_text())]


def squares(image):
    return image.astype("float64").reshape(10, 10, 10, 10).transpose(0, 2, 1, 3).reshape(100, 100).mean(1)


lines = []
for day, values, hidden in zip(days, ndvi, clouds):
    kind = np.digitize(squares(values), [0.25, 0.45, 0.6])
    counts = [np.bincount(some, minlength=4).tolist() for some in (kind, kind[squares(hidden) <= 0.2])]
    lines.append(json.dumps({"day": day, "all": counts[0], "clear": counts[1]}))
Path(__file__).with_name("dates.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")
