"""Deploys what `sam build` made, says how to reach it, and keeps it until Ctrl-C. Nothing of it is kept after that."""

import argparse
import shlex
import signal
import tempfile
import time
from pathlib import Path

from cloud.checking import PARAMETERS
from cloud.emulator import Emulator
from cloud.greenroom import Greenroom
from cloud.stack import Stack

BODY = (
    '{"candidate": {"firstName": "Jane", "lastName": "Doe", "email": "jane@example.com",'
    ' "gdprExpiryDate": "2090-12-31"},'
    ' "agent": {"name": "Screening", "type": "ONLINE", "focus": "SCREENING", "language": "EN", "duration": 15},'
    ' "job": {"title": "Software engineer"}, "isTest": true}'
)


def main():
    parser = argparse.ArgumentParser(prog=".ci/cloud/start", description=__doc__)
    parser.add_argument("--ministack", required=True, help="the emulator's program")
    parser.add_argument("--admin", required=True, type=Path, help="the operator's tool")
    parser.add_argument("--port", type=int, default=0, help="of the emulator; any that is free unless given")
    parser.add_argument("--stack-name", default="greenroom")
    parser.add_argument(
        "parameters", nargs="*", metavar="NAME=VALUE", type=parameter,
        help="parameters of the template, such as StageName=v1",
    )
    arguments = parser.parse_args()
    parameters = PARAMETERS | dict(arguments.parameters)

    try:
        with (
            tempfile.TemporaryDirectory(prefix="greenroom-cloud-", ignore_cleanup_errors=True) as folder,
            Emulator(arguments.ministack, Path(folder), arguments.port) as emulator,
        ):
            began = time.monotonic()
            stack = Stack(emulator, arguments.stack_name, parameters)
            deployed = stack.deploy()
            greenroom = Greenroom(stack, arguments.admin.absolute())
            print(f"deployed: stack {stack.name}, {len(stack.resources())} resources, {time.monotonic() - began:.0f} s")
            for name, entry in sorted(deployed.left_out.items()):
                print(f"not supported: {name} ({entry.kind}: {entry.reason})")
            print_how_to_reach(greenroom)
            signal.pause()
    except KeyboardInterrupt:
        print("\nended, with everything that was deployed")


def parameter(argument: str) -> tuple[str, str]:
    """The name and value of a parameter of the template."""
    name, equals, value = argument.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{argument} is not of the form NAME=VALUE")
    return name, value


def print_how_to_reach(greenroom: Greenroom):
    """The addresses, keys and commands that somebody who works with the stack needs."""
    emulator = greenroom.stack.emulator
    print(f"api: {greenroom.api}")
    print(f"company: {greenroom.company}")
    print(f"api key: {greenroom.key}")
    print(f"emulator's log: {emulator.log}")
    print("\nA request:\n")
    print(f"curl -i {greenroom.api}/interviews \\\n  -H 'Authorization: Bearer {greenroom.key}' \\")
    print(f"  -H 'Content-Type: application/json' \\\n  -d {shlex.quote(BODY)}")
    print("\nIts events:\n")
    print(f"cargo run --bin local -- listen --api {greenroom.api} --api-key {greenroom.key}")
    print("\nFor the AWS CLI, the SAM CLI and `admin` in another terminal (`aws sqs` of version 1 also needs")
    print(f"--endpoint-url {emulator.endpoint}):\n")
    for name, value in (emulator.environment() | {"TABLE_NAME": greenroom.table}).items():
        print(f"export {name}={value}")
    print(f"aws cloudformation describe-stacks --stack-name {greenroom.stack.name}")
    print(f"aws logs filter-log-events --log-group-name /aws/lambda/{greenroom.stack.name}-create-interview")
    print(f"cargo run --bin admin -- --endpoint-url {emulator.endpoint} company list")
    print("\nCtrl-C ends it.", flush=True)


if __name__ == "__main__":
    main()
