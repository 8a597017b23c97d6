"""Makes landsatStatlog.vectors.json: what the packaged model says of the sample's rows in onnxruntime for Python.

    python landsat_statlog.py    (needs numpy and onnxruntime)

It reads the table with Python's csv module and shares no code with the service.
"""

import csv
import json
from pathlib import Path

import numpy as np
import onnxruntime

ROOT = Path(__file__).resolve().parents[2]
header, *rows = csv.reader((ROOT / "samples/landsat-statlog/test.csv").open(newline=""))
values = np.array([row[:36] for row in rows], "float32")
labels = np.array([row[36] for row in rows])
session = onnxruntime.InferenceSession(ROOT / "models/landsat-statlog/1.0.0/model.onnx")
votes, _ = session.run(["vote_share", "label"], {"x": values})
item = json.loads((ROOT / "models/landsat-statlog/1.0.0/item.json").read_text())
names = [one["name"] for one in item["properties"]["mlm:output"][0]["classification:classes"]]
winners = votes.argmax(1)
vectors = {
    "onnxruntime": onnxruntime.__version__,
    "right": int((np.array(names)[winners] == labels).sum()),
    "winners": "".join(map(str, winners)),
    "votes": [[round(float(15 * vote)) for vote in row] for row in votes[:100]],
}
target = Path(__file__).with_name("landsatStatlog.vectors.json")
target.write_text(json.dumps(vectors, separators=(",", ":")) + "\n")
