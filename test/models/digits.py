"""Makes digits.vectors.json: what the packaged model says of the sample's images in onnxruntime for Python.

    python digits.py    (needs numpy and onnxruntime)

It reads the sample with NumPy and shares no code with the service.
"""

import json
from pathlib import Path

import numpy as np
import onnxruntime

ROOT = Path(__file__).resolve().parents[2]
sample = np.load(ROOT / "samples/digits/t10k-first-500.npz")
session = onnxruntime.InferenceSession(ROOT / "models/digits/1.0.0/model.onnx")
(logits,) = session.run(["output"], {"input": sample["images"].astype("float32")})
winners = logits.argmax(1)
vectors = {
    "onnxruntime": onnxruntime.__version__,
    "right": int((winners == sample["digit"]).sum()),
    "labels": "".join(map(str, sample["digit"])),
    "winners": "".join(map(str, winners)),
}
Path(__file__).with_name("digits.vectors.json").write_text(json.dumps(vectors, separators=(",", ":")) + "\n")
