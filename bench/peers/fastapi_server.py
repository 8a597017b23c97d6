"""The models of texts of server.py as most such services are written: FastAPI, whose pydantic checks what comes in and goes out.

    python fastapi_server.py PORT PACKAGE...
"""

import uuid

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field
from server import answer, models, serve


class Input(BaseModel):
    id: str | None = None
    text: str


class Body(BaseModel):
    inputs: list[Input]


class Prediction(BaseModel):
    id: str | None
    class_: str = Field(alias="class")
    label: int
    probability: float
    probabilities: dict[str, float]
    error: str | None = None


class Answer(BaseModel):
    request: str
    model: str
    version: str
    predictions: list[Prediction]


app = FastAPI()


@app.post("/v1/models/{name}/predictions")
async def predictions(name: str, body: Body) -> Answer:
    model = models.get(name)
    if model is None:
        raise HTTPException(404, "there is no such model")
    scores = await model.scores(model.read([one.model_dump() for one in body.inputs]))
    found = [
        Prediction.model_validate(answer(model, {"id": one.id}, of, best))
        for one, of, best in zip(body.inputs, scores.tolist(), scores.argmax(axis=1).tolist())
    ]
    return Answer(request=str(uuid.uuid4()), model=model.name, version=model.version, predictions=found)


if __name__ == "__main__":
    serve(app)
