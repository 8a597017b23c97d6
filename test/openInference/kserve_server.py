"""Serves a model of onnxruntime by KServe: kserve_server.py MODEL.onnx NAME PORT."""

import sys

import onnxruntime
from kserve import InferOutput, InferResponse, Model, ModelServer

path, name, port = sys.argv[1:]
DATATYPES = {"tensor(int64)": "INT64", "tensor(float)": "FP32", "tensor(uint8)": "UINT8", "tensor(double)": "FP64"}


class OnnxModel(Model):
    def __init__(self):
        super().__init__(name)
        self.session = onnxruntime.InferenceSession(path)
        self.ready = True

    def _described(self, values):
        return [
            {
                "name": value.name,
                "datatype": DATATYPES[value.type],
                "shape": [size if isinstance(size, int) else -1 for size in value.shape],
            }
            for value in values
        ]

    async def get_input_types(self):
        return self._described(self.session.get_inputs())

    async def get_output_types(self):
        return self._described(self.session.get_outputs())

    def predict(self, request, headers=None, response_headers=None):
        values = {tensor.name: tensor.as_numpy() for tensor in request.inputs}
        outputs = []
        for described, array in zip(self.session.get_outputs(), self.session.run(None, values)):
            output = InferOutput(described.name, list(array.shape), DATATYPES[described.type])
            output.set_data_from_numpy(array, binary_data=True)
            outputs.append(output)
        return InferResponse(response_id=request.id, model_name=name, infer_outputs=outputs)


if __name__ == "__main__":
    server = ModelServer(http_port=int(port), enable_grpc=False, workers=1)
    server.start([OnnxModel()])
