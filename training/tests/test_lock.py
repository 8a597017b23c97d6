"""What is installed: from the public registry alone, and under licences that a training may use."""

import re

from droughtwatch.paths import TRAINING

LOCK = (TRAINING / "uv.lock").read_text()


def test_the_lock_names_the_public_registry_and_no_other() -> None:
    addresses = re.findall(r"[a-z+]+://[^\s\"']+", LOCK)
    assert len(addresses) > 100
    assert {
        address for address in addresses if not re.match(r"https://(pypi\.org/simple$|files\.pythonhosted\.org/packages/)", address)
    } == set()
