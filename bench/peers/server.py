"""A server of predictions, written in Python as tightly as one would: Starlette, orjson, NumPy, Pillow, tokenizers and onnxruntime, greedy batches.

`npm run bench -- --suite peers` measures Swath's server beside it, with the same packages, requests and clients. Each model is a
package's folder: item.json says what its input is, model.onnx computes. An input is an image (base64 of any format that Pillow
reads), bands (base64 of the pixels of each, uint8) or values (nested lists, band by band); by the Open Inference Protocol, all chips
are one binary tensor. A model of texts takes a text, and tokenizer.json says its tokens; a batch is as long as its longest text. Whatever
has come in by the next turn of the event loop is one batch. onnxruntime and tokenizers have one thread, which is the loop's: that costs
the least processor time.

    python server.py PORT PACKAGE...     prints {"url": ...} when it serves; with port 0, at a free one
"""

import asyncio
import io
import json
import os
import pathlib
import socket
import sys
import uuid
from base64 import b64decode

import numpy as np
import onnxruntime as ort
import orjson
import uvicorn
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from tokenizers import Encoding, Tokenizer

os.environ["TOKENIZERS_PARALLELISM"] = "false"
MOST_CHIPS = 128
JSON_LENGTH = "inference-header-content-length"


class Model:
    """A package: runs inputs that wait together, and says what comes of each. How they are read is its kind's own."""

    def __init__(self, folder: pathlib.Path, about: dict) -> None:
        output = about["mlm:output"][0]
        self.name, self.version = folder.parent.name, about["version"]
        self.names = [one["name"] for one in output["classification:classes"]]
        self.labels = [one["value"] for one in output["classification:classes"]]
        self.is_softmax = (output.get("post_processing_function") or {}).get("expression") == "softmax"
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self.session = ort.InferenceSession(folder / "model.onnx", options, providers=["CPUExecutionProvider"])
        self.inputs = [one.name for one in self.session.get_inputs()]
        self.waiting: list[tuple] = []

    def scores(self, chips) -> asyncio.Future:
        """Probabilities, a row a chip, with the next batch."""
        loop = asyncio.get_running_loop()
        if not self.waiting:
            loop.call_soon(self.run)
        found = loop.create_future()
        self.waiting.append((chips, found))
        return found

    def run(self) -> None:
        waiting, self.waiting = self.waiting, []
        while waiting:
            batch, chips = [], 0
            while waiting and (not batch or chips + len(waiting[0][0]) <= MOST_CHIPS):
                batch.append(waiting.pop(0))
                chips += len(batch[-1][0])
            scores = self.run_batch(batch[0][0] if len(batch) == 1 else self.joined([one for one, _ in batch]))
            first = 0
            for one, found in batch:
                if not found.cancelled():
                    found.set_result(scores[first : first + len(one)])
                first += len(one)

    def run_batch(self, chips) -> np.ndarray:
        scores = self.session.run(None, dict(zip(self.inputs, self.tensors(chips))))[0]
        if self.is_softmax:
            powers = np.exp(scores - scores.max(axis=1, keepdims=True))
            scores = powers / powers.sum(axis=1, keepdims=True)
        return scores


class Images(Model):
    def __init__(self, folder: pathlib.Path, about: dict) -> None:
        super().__init__(folder, about)
        given = about["mlm:input"][0]
        self.bands = given["bands"]
        self.is_last = given["input"]["dim_order"][-1] == "bands"
        shape = given["input"]["shape"][1:]
        height, width = shape[:2] if self.is_last else shape[1:]
        self.shape = (len(self.bands), height, width)
        self.divisor = np.float32(given["value_scaling"][0]["value"])

    def read(self, inputs: list[dict]) -> np.ndarray:
        return np.stack([self.planes(one) for one in inputs])

    def planes(self, given: dict) -> np.ndarray:
        """Bands × height × width. Throws a ValueError for an input of another shape."""
        if (image := given.get("image")) is not None:
            pixels = np.asarray(Image.open(io.BytesIO(b64decode(image))))
            planes = pixels if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
        elif (bands := given.get("bands")) is not None:
            planes = np.frombuffer(b"".join([b64decode(bands[band]) for band in self.bands]), np.uint8)
        else:
            planes = np.array(given["values"], np.uint8)
        return planes.reshape(self.shape)

    joined = staticmethod(np.concatenate)

    def tensors(self, chips: np.ndarray) -> list[np.ndarray]:
        batch = chips.astype(np.float32)
        if self.divisor != 1:
            batch /= self.divisor
        return [np.ascontiguousarray(batch.transpose(0, 2, 3, 1)) if self.is_last else batch]


class Texts(Model):
    """A BERT of single texts, whose type ids are all 0 and whose padding is 0."""

    def __init__(self, folder: pathlib.Path, about: dict) -> None:
        super().__init__(folder, about)
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(about["swath:text"]["max_tokens"])

    def read(self, inputs: list[dict]) -> list[Encoding]:
        return self.tokenizer.encode_batch_fast([one["text"] for one in inputs])

    def joined(self, requests: list[list[Encoding]]) -> list[Encoding]:
        return [one for request in requests for one in request]

    def tensors(self, chips: list[Encoding]) -> list[np.ndarray]:
        lengths = [len(one) for one in chips]
        ids, mask, types = np.zeros((3, len(chips), max(lengths)), np.int64)
        for row, (one, length) in enumerate(zip(chips, lengths)):
            ids[row, :length] = one.ids
            mask[row, :length] = 1
        return [ids, mask, types]


def opened(folder: pathlib.Path) -> Model:
    about = json.loads((folder / "item.json").read_text())["properties"]
    return (Texts if "swath:text" in about else Images)(folder, about)


models = {model.name: model for model in (opened(pathlib.Path(folder)) for folder in sys.argv[2:])}


def answer(model: Model, given: dict, scores: list[float], best: int) -> dict:
    return {
        "id": given.get("id"),
        "class": model.names[best],
        "label": model.labels[best],
        "probability": scores[best],
        "probabilities": dict(zip(model.names, scores)),
        "error": None,
    }


async def predictions(request: Request) -> Response:
    model = models.get(request.path_params["name"])
    if model is None:
        return Response(b'{"detail": "there is no such model"}', 404, media_type="application/json")
    try:
        inputs = orjson.loads(await request.body())["inputs"]
        chips = model.read(inputs)
    except (ValueError, KeyError, TypeError, OSError) as error:
        return Response(orjson.dumps({"detail": str(error)}), 422, media_type="application/json")
    scores = await model.scores(chips)
    best = scores.argmax(axis=1).tolist()
    body = {
        "request": str(uuid.uuid4()),
        "model": model.name,
        "version": model.version,
        "predictions": [answer(model, *of) for of in zip(inputs, scores.tolist(), best)],
    }
    return Response(orjson.dumps(body), media_type="application/json")


async def infer(request: Request) -> Response:
    """Open Inference Protocol, version 2: one binary tensor of uint8 comes in, and one of float32 goes out."""
    model = models.get(request.path_params["name"])
    if model is None:
        return Response(b'{"error": "there is no such model"}', 404, media_type="application/json")
    body, length = await request.body(), int(request.headers[JSON_LENGTH])
    (tensor,) = orjson.loads(body[:length])["inputs"]
    chips = np.frombuffer(body, np.uint8, offset=length).reshape(tensor["shape"])
    scores = await model.scores(chips)
    tensors = scores.astype(np.float32, copy=False).tobytes()
    parameters = {"binary_data_size": len(tensors)}
    output = {"name": "probabilities", "datatype": "FP32", "shape": scores.shape, "parameters": parameters}
    said = {"model_name": model.name, "model_version": model.version, "id": str(uuid.uuid4()), "outputs": [output]}
    head = orjson.dumps(said)
    return Response(head + tensors, headers={JSON_LENGTH: str(len(head))}, media_type="application/octet-stream")


app = Starlette(
    routes=[
        Route("/v1/models/{name}/predictions", predictions, methods=["POST"]),
        Route("/v2/models/{name}/infer", infer, methods=["POST"]),
    ]
)


def serve(served) -> None:
    listening = socket.create_server(("127.0.0.1", int(sys.argv[1])))
    print(json.dumps({"url": f"http://127.0.0.1:{listening.getsockname()[1]}"}), flush=True)
    settings = {"log_level": "warning", "access_log": False, "loop": "uvloop", "http": "httptools", "lifespan": "off"}
    uvicorn.Server(uvicorn.Config(served, **settings)).run(sockets=[listening])


if __name__ == "__main__":
    serve(app)
