"""Registers a folder as a version of a model, as a training does: register.py FOLDER NAME ALIAS. Prints the version's number."""

import sys

import mlflow
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

folder, name, alias = sys.argv[1:]
client = MlflowClient()
try:
    client.create_registered_model(name)
except MlflowException as error:
    if error.error_code != "RESOURCE_ALREADY_EXISTS":
        raise
with mlflow.start_run() as run:
    mlflow.log_artifacts(folder, "package")
version = client.create_model_version(name, source=f"{run.info.artifact_uri}/package", run_id=run.info.run_id).version
client.set_registered_model_alias(name, alias, version)
print(version)
