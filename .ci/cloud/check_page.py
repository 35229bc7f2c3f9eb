"""Runs the commands of docs/operating.md on a deployed stack, by the AWS CLI and `admin`, as an operator would.

Fails if a command fails that is not listed as one that can't work here, and if what the page says of dead letters and
discarded batches is not so.
"""

import itertools
import os
import re
import subprocess
import threading
from pathlib import Path

from cloud.checking import arguments, deployed_stack
from cloud.emulator import Emulator
from cloud.failures import SCENES
from cloud.greenroom import Greenroom
from cloud.page import FAILS, NOT_TRIED, PAGE, PLACEHOLDER, PLACEHOLDERS, SECTIONS_NOT_TRIED, Command, commands

# Seconds.
COMMAND_TIMEOUT_S = 300
# What the shell prints after a command.
END = "--- end of a command:"


def main():
    given = arguments(__doc__, aws="the AWS CLI")
    with Emulator(given.ministack, given.scratch) as emulator, deployed_stack(emulator) as (stack, _):
        greenroom = Greenroom(stack, given.admin.absolute())
        check(greenroom, Shell(greenroom, given.admin, given.aws, given.scratch / "shell"))


def check(greenroom: Greenroom, shell: "Shell"):
    shown = list(commands())
    assert shown, f"no commands in {PAGE}"
    for beginning in NOT_TRIED.keys() | FAILS.keys():
        assert any(command.text.startswith(beginning) for command in shown), (
            f"{PAGE} does not show `{beginning}` any more: remove it from .ci/cloud/page.py"
        )
    gone = (SCENES.keys() | SECTIONS_NOT_TRIED.keys()) - {command.heading for command in shown}
    assert not gone, f"{PAGE} has no commands under these headings any more: {gone}"

    wrong, ran, left_out = [], 0, []
    for heading, under in itertools.groupby(shown, lambda command: command.heading):
        scene = SCENES[heading](greenroom) if heading in SCENES else None
        found, outputs = {}, []
        if heading in SECTIONS_NOT_TRIED:
            continue
        for command in under:
            if reason := of(NOT_TRIED, command):
                left_out.append((command, reason))
                continue
            text = of(scene.replaced, command) if scene else None
            status, output = shell.run(text or filled(greenroom, command, found))
            outputs.append(output)
            if reason := of(FAILS, command):
                left_out.append((command, reason))
                if status == 0:
                    wrong.append(f"{PAGE}:{command.line} works meanwhile, remove it from FAILS of .ci/cloud/page.py")
                continue
            ran += 1
            if status != 0:
                wrong.append(f"{PAGE}:{command.line} ends with {status}: {command.text}\n{output}")
        if scene and not wrong:
            scene.check("\n".join(outputs))
            print(f"    {heading}: {scene.check.__doc__}", flush=True)
    shell.end()
    assert not wrong, "\n".join(wrong)
    print(f"    {ran} commands of {PAGE} work")
    print("    not these:")
    for heading, reason in SECTIONS_NOT_TRIED.items():
        print(f"      - all under {heading}: {reason}")
    for command, reason in left_out:
        print(f"      - line {command.line}, {command.text.splitlines()[0]}: {reason}")


def of(known: dict[str, str], command: Command) -> str | None:
    """What is known of commands that begin like this one."""
    return next((text for beginning, text in known.items() if command.text.startswith(beginning)), None)


def filled(greenroom: Greenroom, command: Command, found: dict[tuple[int, str], str]) -> str:
    """A command with something that exists for each placeholder; `found` is what blocks have already."""
    def exists(match: re.Match) -> str:
        placeholder = match[0]
        assert placeholder in PLACEHOLDERS, f"{PAGE}:{command.line}: .ci/cloud/page.py does not know {placeholder}"
        if (command.block, placeholder) not in found:
            found[command.block, placeholder] = PLACEHOLDERS[placeholder](greenroom)
        return found[command.block, placeholder]

    return PLACEHOLDER.sub(exists, command.text)


class Shell:
    """An operator's shell: what one command sets, the next one finds."""

    def __init__(self, greenroom: Greenroom, admin: Path, aws: Path, folder: Path):
        programs = folder / "bin"
        programs.mkdir(parents=True)
        # As at the project's root, but that the files which commands write stay here.
        for entry in Path().glob("[!.]*"):
            (folder / entry.name).symlink_to(entry.absolute())
        (programs / "admin").symlink_to(admin.absolute())
        # Version 1 does not take the endpoint of SQS from the environment.
        wrapper = programs / "aws"
        wrapper.write_text(f'#!/bin/sh\nexec "{aws.absolute()}" --endpoint-url "$AWS_ENDPOINT_URL" "$@"\n')
        wrapper.chmod(0o755)
        emulator = greenroom.stack.emulator
        self._process = subprocess.Popen(
            ["bash", "--norc"], cwd=folder, text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=emulator.environment() | {
                "PATH": f"{programs}:{os.environ['PATH']}",
                "HOME": str(folder),
                "AWS_ENDPOINT_URL_DYNAMODB": emulator.endpoint,
                "AWS_MAX_ATTEMPTS": "1",
                # What the page's own lines would set.
                "TABLE_NAME": greenroom.table,
            },
        )
        self._folder = folder
        self._process.stdin.write("shopt -s expand_aliases; set -o pipefail\n")

    def run(self, command: str) -> tuple[int, str]:
        """Carries out a command; answers with its status (of a pipe, that of whatever failed in it) and its output."""
        (self._folder / "command").write_text(command)
        timer = threading.Timer(COMMAND_TIMEOUT_S, self._process.kill)
        timer.start()
        # Sourced, so that a quotation mark too many ends with the command.
        self._process.stdin.write(f". ./command </dev/null; printf '\\n{END} %d\\n' $?\n")
        output = []
        while line := self._process.stdout.readline():
            if line.startswith(END):
                timer.cancel()
                return int(line.split()[-1]), "".join(output)
            output.append(line)
        printed = "".join(output)
        raise AssertionError(f"this ended the shell, or took more than {COMMAND_TIMEOUT_S} s: {command}\n{printed}")

    def end(self):
        """Ends the shell."""
        self._process.stdin.close()
        self._process.wait()


if __name__ == "__main__":
    main()
