"""The compose file starts MLflow's server, of the version that CI has, with files on a volume, and for this machine alone."""

import re
import shutil
import subprocess

import yaml

from droughtwatch.paths import PROJECT, TRAINING

COMPOSE = TRAINING / "compose.yml"
FILE = yaml.safe_load(COMPOSE.read_text())
MLFLOW, TRAIN = FILE["services"]["mlflow"], FILE["services"]["train"]
KNOWN = {"image", "command", "ports", "volumes", "healthcheck", "restart", "profiles", "build", "environment", "depends_on"}
"""Keys of a service that are used, by https://github.com/compose-spec/compose-spec/blob/main/05-services.md."""


def test_the_server_is_the_version_that_ci_has() -> None:
    (in_ci,) = re.findall(r"^mlflow_version=(\S+)$", (PROJECT / ".ci" / "run").read_text(), re.MULTILINE)
    assert MLFLOW["image"] == f"ghcr.io/mlflow/mlflow:v{in_ci}"


def test_runs_and_artifacts_are_kept_on_the_volume() -> None:
    assert MLFLOW["volumes"] == ["mlflow:/mlflow"]
    assert "mlflow" in FILE["volumes"]
    options = dict(option.split("=", 1) for option in MLFLOW["command"] if "=" in option)
    assert options["--backend-store-uri"].startswith("sqlite:////mlflow/")
    assert options["--artifacts-destination"].startswith("/mlflow/")
    assert "--serve-artifacts" in MLFLOW["command"]


def test_it_listens_for_this_machine_and_for_trainings_beside_it() -> None:
    assert MLFLOW["ports"] == ["127.0.0.1:5000:5000"]
    address = TRAIN["environment"]["MLFLOW_TRACKING_URI"]
    (hosts,) = [option.split("=")[1].split(",") for option in MLFLOW["command"] if option.startswith("--allowed-hosts=")]
    assert address.removeprefix("http://") in hosts
    assert TRAIN["depends_on"]["mlflow"] == {"condition": "service_healthy"}
    assert (TRAINING / TRAIN["build"]["context"] / TRAIN["build"]["dockerfile"]).samefile(TRAINING / "Dockerfile")


def test_docker_accepts_it_or_it_has_known_keys_alone() -> None:
    assert FILE.keys() == {"services", "volumes"}
    assert {key for service in FILE["services"].values() for key in service} <= KNOWN
    docker = shutil.which("docker")
    if docker is not None and subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode == 0:
        subprocess.run([docker, "compose", "--file", COMPOSE, "--profile", "train", "config", "--quiet"], check=True)
