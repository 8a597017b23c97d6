"""What is installed: from the public registry alone, and under licences that a training may use."""

import re
import tomllib
from importlib.metadata import Distribution, distributions
from typing import Any

from droughtwatch.paths import PROJECT, TRAINING

PUBLIC = re.compile(r"https://(pypi\.org/simple$|files\.pythonhosted\.org/packages/)")
LICENCES = {
    "MIT": ["MIT License", "MIT-0"],
    "BSD": ["BSD License", "BSD-2-Clause", "BSD-3-Clause", "3-Clause BSD License", "0BSD"],
    "Apache-2.0": ["Apache Software License", "Apache License 2.0", "Apache License, Version 2.0"],
    "MPL-2.0": ["Mozilla Public License 2.0 (MPL 2.0)"],
    "PSF-2.0": [],
    "Zlib": [],
    "CC0-1.0": [],
}
"""Those that are allowed, with what else packages call them. None of them asks anything of a model that was trained."""
UNSAID = {"namex": "Apache-2.0"}
"""Packages that name none in their metadata, with what their repositories say."""


CHOSEN = re.compile(r"nvidia-|jax-cuda12-")
"""What the extra `cuda` installs, by choice alone: NVIDIA's libraries, under NVIDIA's own licence, and what makes JAX use them."""


def needed(*extras: str) -> set[str]:
    """All packages that the lock installs with some extras of this project, and for those who develop it."""
    lock = {package["name"]: package for package in tomllib.loads((TRAINING / "uv.lock").read_text())["package"]}
    found: set[tuple[str, str]] = set()

    def take(dependencies: list[dict[str, Any]]) -> None:
        for dependency in dependencies:
            package = lock[dependency["name"]]
            for extra in {"", *dependency.get("extra", [])} - {extra for name, extra in found if name == package["name"]}:
                found.add((package["name"], extra))
                take(package["optional-dependencies"][extra] if extra else package.get("dependencies", []))

    project = lock["droughtwatch-training"]
    take(project["dependencies"] + project["dev-dependencies"]["dev"])
    for extra in extras:
        take(project["optional-dependencies"][extra])
    return {name for name, _ in found}


def licences_of(package: Distribution) -> list[str]:
    """What a package says of itself: an SPDX expression, else classifiers, else a text."""
    said = package.metadata
    if "License-Expression" in said:
        return re.split(r" (?:AND|OR) ", said["License-Expression"])
    classifiers = [one.split(" :: ")[-1] for one in said.get_all("Classifier") or [] if one.startswith("License :: ")]
    return classifiers or [said["License"] if "License" in said else UNSAID.get(package.name, "none")]


def is_allowed(licence: str) -> bool:
    return any(licence in (name, *others) for name, others in LICENCES.items())


def test_the_lock_names_the_public_registry_and_no_other() -> None:
    addresses = re.findall(r"[a-z+]+://[^\s\"']+", (TRAINING / "uv.lock").read_text())
    assert len(addresses) > 100
    assert [address for address in addresses if not PUBLIC.match(address)] == []


def test_what_is_installed_may_be_used() -> None:
    found = {package.name: licences_of(package) for package in distributions() if not CHOSEN.match(package.name)}
    assert {"keras", "jax", "mlflow-skinny", "onnx"} <= found.keys()
    assert {name: licences for name, licences in found.items() if not all(map(is_allowed, licences))} == {}


def test_nvidias_libraries_come_by_the_extra_cuda_alone() -> None:
    assert {name for name in needed() | needed("wandb") if CHOSEN.match(name)} == set()
    assert {"nvidia-cudnn-cu12", "jax-cuda12-plugin"} <= {name for name in needed("cuda") if CHOSEN.match(name)}
    assert "wandb" in needed("wandb")


def test_others_would_not_be() -> None:
    assert not any(map(is_allowed, ["GPL-3.0-only", "none", "", "Proprietary"]))


def test_the_image_has_the_uv_that_ci_has() -> None:
    (in_ci,) = re.findall(r"^uv_version=(\S+)$", (PROJECT / ".ci" / "run").read_text(), re.MULTILINE)
    assert f" uv=={in_ci} " in (TRAINING / "Dockerfile").read_text().replace("\n", " ")
