"""The beginning and the end that all checks of a deployed stack have in common."""

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cloud.emulator import Emulator
from cloud.stack import Stack
from cloud.template import Adapted

# Of the functions' processor, which is this machine's.
PARAMETERS = {"Architecture": "x86_64"}


def arguments(description: str, **programs: str) -> argparse.Namespace:
    """The command line of a check; `programs` are those that it needs besides, by the names of their options."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--ministack", required=True, help="the emulator's program")
    parser.add_argument("--scratch", required=True, type=Path, help="a folder for the emulator's data and log")
    for name, what in ({"admin": "the operator's tool"} | programs).items():
        parser.add_argument(f"--{name}", required=True, type=Path, help=what)
    return parser.parse_args()


@contextmanager
def deployed_stack(emulator: Emulator) -> Iterator[tuple[Stack, Adapted]]:
    """A stack in the emulator. If a check of it fails, ends the program with what the functions logged."""
    stack = Stack(emulator, "greenroom", PARAMETERS)
    with timed("deployed"):
        deployed = stack.deploy()
    try:
        yield stack, deployed
    except AssertionError as error:
        sys.exit("\n".join([*stack.error_lines(), f"FAILED: {error}"]))


@contextmanager
def timed(what: str):
    """Prints what was done and how long it took; says of what fails what it was."""
    began = time.monotonic()
    try:
        yield
    except AssertionError as error:
        raise AssertionError(f"{what}: {error}") from error
    print(f"    {what} ({time.monotonic() - began:.1f} s)", flush=True)
