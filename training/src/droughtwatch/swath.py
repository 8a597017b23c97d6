"""This repository's command line, which is what serves: nothing that it does is written here again."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from droughtwatch.errors import Failed, Refused, WrongUse
from droughtwatch.paths import PROJECT, SWATH

MOST_SECONDS = 3600
"""For one command: the 10,778 chips that the data have to validate by take seconds."""


def require_swath() -> None:
    """Raises WrongUse, before anything is trained, where the command line cannot run."""
    if shutil.which("node") is None:
        raise WrongUse("found no node, and Swath's command line runs on it: install Node 20 or newer with npm")
    if not (PROJECT / "node_modules").is_dir():
        raise WrongUse(f"found no node_modules in {PROJECT}, and Swath's command line needs them: run npm ci there")


def swath(*arguments: str | Path) -> str:
    """Runs a command of `npx swath` in the project's folder, and returns what it prints.

    Raises Failed, with what it says, where its exit code is not 0, and where it does not end; Refused where its exit code is 2.
    """
    command = ["node", SWATH, *arguments]
    named = " ".join(str(argument) for argument in arguments[:2])
    try:
        done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False, timeout=MOST_SECONDS)
    except subprocess.TimeoutExpired:
        raise Failed(f"swath {named} has not ended after {MOST_SECONDS} seconds, and was stopped") from None
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip())[-2000:]
        failure = Refused if done.returncode == 2 else Failed
        raise failure(f"swath {named} ended with exit code {done.returncode}: {said}")
    return done.stdout


def swath_lines(command: str, *arguments: str | Path) -> list[dict[str, Any]]:
    """The same of a command that prints an object of JSON a line, which is asked for by `--json`."""
    return [json.loads(line) for line in swath(command, "--json", *arguments).splitlines()]
