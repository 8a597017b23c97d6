"""Makes droughtwatch.vectors.json, the answers that the whole-pipeline suite compares with.

    python golden.py    (needs numpy, onnxruntime, scipy, and this project's Node for the packages of indices)

It classifies the bundled shard by itself, the way the source system does (github.com/SergeiOssokine/droughtwatch_capstone):
bands scaled to 0…1, a record dropped as blank when nothing in any band exceeds 1/255, indices computed on the scaled
bands in double precision, and drift by scipy. It shares no code with the service, only the models' ONNX files.
"""

import json
import subprocess
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnxruntime
import scipy
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2, chisquare

ROOT = Path(__file__).resolve().parents[2]
SHARD = ROOT / "samples/droughtwatch/part-r-00012"
BASELINE = ROOT / "models/droughtwatch-baseline/1.0.0"
BANDS = [f"B{number}" for number in range(1, 12)]
CLASSES = ["cows-0", "cows-1", "cows-2", "cows-3plus"]
ALPHA = 0.01


def frames(file):
    """A TFRecord file's records: offset and length of the frame, and the data. Checksums are not looked at."""
    at = 0
    while at < len(file):
        length = int.from_bytes(file[at : at + 8], "little")
        yield at, 16 + length, file[at + 12 : at + 12 + length]
        at += 16 + length


def fields(message):
    """The contents of a protobuf message's fields, of which each has a length in this shard."""
    at = 0
    while at < len(message):
        assert message[at] & 7 == 2
        length, at, shift = 0, at + 1, 0
        while True:
            byte = message[at]
            length, at, shift = length | (byte & 127) << shift, at + 1, shift + 7
            if byte < 128:
                break
        yield message[at : at + length]
        at += length


def features(example):
    """What a tf.train.Example holds, by name: each feature's only value as its bytes."""
    (entries,) = fields(example)
    named = {}
    for name, feature in (fields(entry) for entry in fields(entries)):
        (values,) = fields(feature)
        (named[name.decode()],) = fields(values)
    return named


def scaled(record):
    return {name: np.frombuffer(record[name], np.uint8).reshape(65, 65) / 255 for name in BANDS}


def ndvi(band):
    return (band["B5"] - band["B4"]) / (band["B4"] + band["B5"] + 1e-7)


def ndmi(band):
    return (band["B5"] - band["B6"]) / (band["B5"] + band["B6"] + 1e-7)


def evi(band):
    return 2.5 * (band["B5"] - band["B4"]) / (band["B5"] + 6 * band["B4"] - 7.5 * band["B2"] + 1)


def raw(band):
    return [band[name] for name in ("B2", "B3", "B4", "B5")]


def drift(counts):
    expected = np.array(list(json.loads((BASELINE / "reference.json").read_text())["classes"].values()), float)
    observed = np.array(counts, float)
    n, reference = observed.sum(), expected.sum()
    p, q = observed / n, expected / reference
    test = chisquare(observed, q * n)
    assert (p > 0).all() and (q > 0).all(), "PSI would need its zero fill"
    return {
        "jensenShannon": float(jensenshannon(p, q)),
        "chiSquare": {
            "statistic": float(test.statistic),
            "degreesOfFreedom": len(counts) - 1,
            "pValue": float(test.pvalue),
        },
        "psi": float(((p - q) * np.log(p / q)).sum()),
        "noiseFloor": float(np.sqrt(chi2.isf(ALPHA, len(counts) - 1) / 8 * (1 / n + 1 / reference))),
        "n": int(n),
    }


def classified(records, model, inputs):
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    tensor = np.stack([np.stack(inputs(scaled(record)), axis=-1) for record in records]).astype(np.float32)
    (rows,) = session.run(None, {session.get_inputs()[0].name: tensor})
    counts = np.bincount(rows.argmax(axis=1), minlength=len(CLASSES)).tolist()
    return {
        "classes": dict(zip(CLASSES, counts)),
        "meanProbability": round(float(rows.max(axis=1).astype(float).mean()), 7),
        "drift": drift(counts),
        "predictions": [
            {"class": CLASSES[row.argmax()], "probabilities": [round(float(p), 6) for p in row]} for row in rows
        ],
    }


def main():
    file = SHARD.read_bytes()
    read = [(offset, length, features(data)) for offset, length, data in frames(file)]
    kept = [i for i, (_, _, record) in enumerate(read) if max(band.max() for band in scaled(record).values()) > 1 / 255]
    records = [read[i][2] for i in kept]
    with TemporaryDirectory() as folder:
        build = [ROOT / "node_modules/.bin/node", ROOT / "models/buildIndices.ts"]
        subprocess.run([*build, f"{folder}/two"], check=True)
        subprocess.run([*build, f"{folder}/three", "--evi"], check=True)
        models = {
            "baseline": classified(records, BASELINE / "model.onnx", raw),
            "NDVI, NDMI": classified(records, f"{folder}/two/model.onnx", lambda b: [ndvi(b), ndmi(b)]),
            "NDVI, NDMI, EVI": classified(records, f"{folder}/three/model.onnx", lambda b: [ndvi(b), ndmi(b), evi(b)]),
        }
    vectors = {
        "made with": {module.__name__: module.__version__ for module in (np, onnxruntime, scipy)},
        "sha256": sha256(file).hexdigest(),
        "chips": len(read),
        "records": [
            {"index": i, "offset": read[i][0], "length": read[i][1], "truth": read[i][2]["label"][0]} for i in kept
        ],
        "models": models,
    }
    (Path(__file__).parent / "droughtwatch.vectors.json").write_text(text(vectors) + "\n")


def text(value, indent=""):
    """JSON with whatever fits a line on one line, so that a difference reads well."""
    flat = json.dumps(value)
    if len(flat) <= 110:
        return flat
    inner = indent + " "
    if isinstance(value, dict):
        lines = [f"{inner}{json.dumps(key)}: {text(one, inner)}" for key, one in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    return "[\n" + ",\n".join(inner + text(one, inner) for one in value) + f"\n{indent}]"


if __name__ == "__main__":
    main()
