"""A model of onnxruntime for MLServer, which knows tensors as JSON alone."""

import onnxruntime
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse


class OnnxModel(MLModel):
    async def load(self) -> bool:
        self.session = onnxruntime.InferenceSession(self.settings.parameters.uri)
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        values = {tensor.name: NumpyCodec.decode_input(tensor) for tensor in payload.inputs}
        outputs = [
            NumpyCodec.encode_output(described.name, array)
            for described, array in zip(self.session.get_outputs(), self.session.run(None, values))
        ]
        return InferenceResponse(model_name=self.name, outputs=outputs)
