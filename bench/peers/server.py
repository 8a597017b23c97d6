"""A server of predictions as one would write it in Python: FastAPI, pydantic, NumPy, Pillow and onnxruntime.

`npm run bench -- --suite peers` measures Swath's server beside it, with the same packages, requests and clients. Each model is a
package's folder: item.json says what its input is, model.onnx computes. An input is an image (base64 of any format that Pillow
reads), bands (base64 of the pixels of each, uint8) or values (nested lists, band by band). Endpoints are coroutines, since a small
model is done sooner than a thread of the pool has it; onnxruntime has one thread a run, which costs the least processor time.

    python server.py PORT PACKAGE...     prints {"url": ...} when it serves; with port 0, at a free one
"""

import base64
import io
import json
import pathlib
import socket
import sys
import uuid

import numpy as np
import onnxruntime as ort
import uvicorn
from fastapi import FastAPI, HTTPException
from PIL import Image
from pydantic import BaseModel


class Input(BaseModel):
    id: str | None = None
    image: str | None = None
    bands: dict[str, str] | None = None
    values: list | None = None


class Request(BaseModel):
    inputs: list[Input]


class Model:
    """A package: reads inputs into the tensor that it takes, and says what comes of it."""

    def __init__(self, folder: pathlib.Path) -> None:
        about = json.loads((folder / "item.json").read_text())["properties"]
        given, output = about["mlm:input"][0], about["mlm:output"][0]
        self.version = about["version"]
        self.bands = given["bands"]
        self.is_last = given["input"]["dim_order"][-1] == "bands"
        shape = given["input"]["shape"][1:]
        self.height, self.width = shape[:2] if self.is_last else shape[1:]
        self.divisor = np.float32(given["value_scaling"][0]["value"])
        self.classes = [(one["name"], one["value"]) for one in output["classification:classes"]]
        self.is_softmax = (output.get("post_processing_function") or {}).get("expression") == "softmax"
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self.session = ort.InferenceSession(folder / "model.onnx", options, providers=["CPUExecutionProvider"])
        self.name = self.session.get_inputs()[0].name

    def planes(self, given: Input) -> np.ndarray:
        """Bands × height × width."""
        if given.image is not None:
            pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(given.image))))
            planes = pixels[np.newaxis] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
        elif given.bands is not None:
            planes = np.stack(
                [
                    np.frombuffer(base64.b64decode(given.bands[band]), np.uint8).reshape(self.height, self.width)
                    for band in self.bands
                ]
            )
        else:
            planes = np.asarray(given.values, np.float32).reshape(-1, self.height, self.width)
        if planes.shape != (len(self.bands), self.height, self.width):
            raise HTTPException(422, f"found an input of {planes.shape}")
        return planes

    def predict(self, inputs: list[Input]) -> list[dict]:
        batch = np.stack([self.planes(one) for one in inputs]).astype(np.float32) / self.divisor
        if self.is_last:
            batch = np.ascontiguousarray(batch.transpose(0, 2, 3, 1))
        scores = self.session.run(None, {self.name: batch})[0]
        if self.is_softmax:
            powers = np.exp(scores - scores.max(axis=1, keepdims=True))
            scores = powers / powers.sum(axis=1, keepdims=True)
        best = scores.argmax(axis=1).tolist()
        return [self.answer(one, row, most) for one, row, most in zip(inputs, scores.tolist(), best)]

    def answer(self, given: Input, scores: list[float], best: int) -> dict:
        name, value = self.classes[best]
        return {
            "id": given.id,
            "class": name,
            "label": value,
            "probability": scores[best],
            "probabilities": {each: score for (each, _), score in zip(self.classes, scores)},
            "error": None,
        }


app = FastAPI()
folders = [pathlib.Path(folder) for folder in sys.argv[2:]]
models = {folder.parent.name: Model(folder) for folder in folders}


@app.post("/v1/models/{name}/predictions")
async def predictions(name: str, request: Request) -> dict:
    if name not in models:
        raise HTTPException(404, f"there is no model {name}")
    model = models[name]
    return {
        "request": str(uuid.uuid4()),
        "model": name,
        "version": model.version,
        "predictions": model.predict(request.inputs),
    }


if __name__ == "__main__":
    listening = socket.create_server(("127.0.0.1", int(sys.argv[1])))
    print(json.dumps({"url": f"http://127.0.0.1:{listening.getsockname()[1]}"}), flush=True)
    config = uvicorn.Config(app, log_level="warning", access_log=False, loop="uvloop", http="httptools")
    uvicorn.Server(config).run(sockets=[listening])
