"""Asks a server of Swath as NVIDIA's client of the Open Inference Protocol does: triton.py HOST:PORT. Prints what differs."""

import json
import sys
import urllib.request

import numpy as np
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException, triton_to_np_dtype

address = sys.argv[1]
client = triton.InferenceServerClient(address)
random = np.random.default_rng(7)


def get(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(f"http://{address}{path}", data, headers)) as answer:
        return json.load(answer)


def chips_of(tensor, count):
    shape = [count, *tensor["shape"][1:]]
    dtype = triton_to_np_dtype(tensor["datatype"])
    numbers = random.integers(1, 200, size=shape)
    if tensor["datatype"] == "BYTES":
        return np.array([f"Meet me in {number} minutes, or win money" for number in numbers.flat], dtype).reshape(shape)
    return numbers.astype(dtype)


def input_of(tensor, chip):
    if tensor["datatype"] == "BYTES":
        return {"texts": list(chip)} if len(tensor["shape"]) > 1 else {"text": chip}
    return {"values": chip.tolist()}


def texts_of(found):
    """Texts come as bytes in binary tensors, and as str in JSON."""
    return [text.decode() if isinstance(text, bytes) else text for text in found.tolist()]


def ask(name, tensor, values, binary):
    given = triton.InferInput(tensor["name"], list(values.shape), tensor["datatype"])
    given.set_data_from_numpy(values, binary_data=binary)
    wanted = [triton.InferRequestedOutput(one["name"], binary_data=binary) for one in described["outputs"]]
    return client.infer(name, [given], outputs=wanted)


assert client.is_server_live() and client.is_server_ready()
assert "binary_tensor_data" in client.get_server_metadata()["extensions"]
for model in get("/v1/models")["models"]:
    name = model["name"]
    assert client.is_model_ready(name)
    described = client.get_model_metadata(name)
    (tensor,) = described["inputs"]
    is_large = np.prod(tensor["shape"][1:]) > 50_000
    values = chips_of(tensor, 1 if is_large else 20)
    binary = ask(name, tensor, values, True)
    # The client's own check of names, types and shapes.
    for output in described["outputs"]:
        found = binary.as_numpy(output["name"])
        assert list(found.shape[1:]) == output["shape"][1:], output
    predictions = get(f"/v1/models/{name}/predictions", {"inputs": [input_of(tensor, chip) for chip in values]})
    answers = predictions["predictions"]
    names = {output["name"] for output in described["outputs"]}
    if "class" in names:
        assert texts_of(binary.as_numpy("class")) == [answer["class"] for answer in answers], name
    if "value" in names:
        assert binary.as_numpy("value").tolist() == [answer["value"] for answer in answers], name
    for tensor_name in {"probabilities", "shares"} & names:
        classes = [one["name"] for one in get(f"/v1/models/{name}")["output"]["classes"]]
        expected = [[answer[tensor_name][one] for one in classes] for answer in answers]
        # Texts of another batch have other padding, which moves the last digits.
        apart = 1e-6 if tensor["datatype"] == "BYTES" else 0
        found = binary.as_numpy(tensor_name)
        assert np.allclose(found, np.array(expected, found.dtype), rtol=0, atol=apart, equal_nan=True), name
    if not is_large:
        as_json = ask(name, tensor, values, False)
        for output in described["outputs"]:
            assert texts_of(as_json.as_numpy(output["name"])) == texts_of(binary.as_numpy(output["name"])), output
    print(f"{name}: {len(values)} chips are predicted alike by both protocols")

try:
    client.infer("nobody", [])
except InferenceServerException as error:
    assert "There is no model" in error.message(), error
else:
    raise AssertionError("a model that does not exist has answered")
