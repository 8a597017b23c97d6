"""Makes spam.vectors.json: what the packaged model says of some texts in onnxruntime for Python, with Hugging Face's own tokenizer.

    python spam.py    (needs tokenizers and onnxruntime)

The texts are those of samples/spam/texts.csv, and a few odd ones. It shares no code with the service.
"""

import csv
import json
from pathlib import Path

import numpy as np
import onnxruntime
import tokenizers

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "models/spam/1.0.0"
ODD = ["Señor, ¿dónde está la biblioteca? Naïve café: 12 €.", "Встреча переносится на четверг", "会议改到星期四", "a", "free " * 300]
texts = [row["text"] for row in csv.DictReader((ROOT / "samples/spam/texts.csv").open(newline=""))] + ODD
tokenizer = tokenizers.Tokenizer.from_file(str(FOLDER / "tokenizer.json"))
tokenizer.enable_truncation(128)
session = onnxruntime.InferenceSession(FOLDER / "model.onnx")
logits = []
for text in texts:
    encoded = tokenizer.encode(text)
    inputs = {"input_ids": encoded.ids, "attention_mask": encoded.attention_mask, "token_type_ids": encoded.type_ids}
    found = session.run(["logits"], {name: np.array([values], "int64") for name, values in inputs.items()})
    logits.append([round(float(value), 5) for value in found[0][0]])
vectors = {"tokenizers": tokenizers.__version__, "onnxruntime": onnxruntime.__version__, "texts": texts, "logits": logits}
Path(__file__).with_name("spam.vectors.json").write_text(json.dumps(vectors, ensure_ascii=False) + "\n")
