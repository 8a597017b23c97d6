"""How a command ends that cannot go on: by a sentence, without a traceback."""

import sys
from collections.abc import Callable


class WrongUse(Exception):
    """What was asked for cannot be done: what was found, where, what is allowed. Exit code 2."""


class Failed(Exception):
    """What was asked for was begun, and did not come to its end. Exit code 1."""


class Refused(Failed):
    """A command of Swath has found nothing that it could do with what it was given: its exit code 2."""


def told(command: Callable[[], None]) -> int:
    """Runs a command.

    Returns its exit code: 0, 1 for `Failed`, 2 for `WrongUse`, each told on stderr, or 130 where somebody stopped it.
    """
    try:
        command()
    except (Failed, WrongUse) as error:
        print(error, file=sys.stderr)
        return 2 if isinstance(error, WrongUse) else 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    return 0
