"""The commands of docs/operating.md, what its placeholders stand for, and which commands can't work in the emulator."""

import re
import subprocess
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import NamedTuple

from cloud.greenroom import Greenroom

PAGE = Path("docs/operating.md")
# An id, a name or the like that the operator has to fill in.
PLACEHOLDER = re.compile(r"<[a-z][a-z-]*>")
# What ends a line that goes on in the next one.
UNFINISHED = ("\\", "|", "&&", "||")


class Command(NamedTuple):
    """A command of the page."""

    heading: str
    line: int
    # Commands of one block mean the same by one placeholder.
    block: int
    text: str


def commands() -> Iterator[Command]:
    """The commands of the page's blocks of shell, one after another. A command may have several lines."""
    heading, block, inside, begun = "", 0, False, []
    for number, line in enumerate(PAGE.read_text().splitlines(), 1):
        if not inside:
            if line.startswith("#"):
                heading = line.lstrip("# ")
            if line == "```sh":
                inside, block = True, block + 1
        elif line == "```":
            assert not begun, f"{PAGE}:{number}: the block ends in the middle of a command: {begun}"
            inside = False
        elif line.strip() and not (line.startswith("#") and not begun):
            begun.append(line)
            text = "\n".join(begun)
            if not line.endswith(UNFINISHED) and is_complete(text):
                yield Command(heading, number - len(begun) + 1, block, text)
                begun = []


def is_complete(text: str) -> bool:
    """Whether a shell would carry it out, and not wait for more."""
    text = PLACEHOLDER.sub("something", text)
    return subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False).returncode == 0


# --- Commands that can't work here ---------------------------------------------------------------

IN_AWS = "deploys into AWS"
ELSEWHERE = "here the operator's tool and the credentials are those of the emulator"
NO_CODE_DEPLOY = "the emulator has no CodeDeploy"
NO_MOVES = "the emulator's SQS has no tasks that move messages"

# Sections none of whose commands is tried, with the reason.
SECTIONS_NOT_TRIED: dict[str, str] = {
    "Cleaning up": "it deletes what other commands work on",
    "Replacing the whole table": "check_deployed carries it out",
}
# By how a command begins, the reason why it is not tried.
NOT_TRIED: dict[str, str] = {
    "sam build": IN_AWS,
    "sam list": "the SAM CLI asks AWS itself",
    "for step in Lists": IN_AWS,
    "export AWS_PROFILE": ELSEWHERE,
    "alias admin=": ELSEWHERE,
    "application=$(": NO_CODE_DEPLOY,
    "for group in $(aws deploy": NO_CODE_DEPLOY,
}
# The same of those that are tried and must fail, so that it is noticed when they begin to work.
FAILS: dict[str, str] = {
    "aws sqs start-message-move-task": NO_MOVES,
    "aws sqs list-message-move-tasks": NO_MOVES,
}

# --- Placeholders --------------------------------------------------------------------------------


def company(greenroom: Greenroom) -> str:
    return greenroom.admin("company", "create", "--name", "Page", "--plan", "starter")["id"]


def system(greenroom: Greenroom) -> str:
    return greenroom.admin("ats", "create", "--name", "Page")["id"]


def key(greenroom: Greenroom) -> str:
    return greenroom.admin("key", "create", "--company", company(greenroom), "--scopes", "write:agents")["id"]


def number(greenroom: Greenroom) -> str:
    return greenroom.admin("phone-number", "add", "--company", company(greenroom), "--number", "+421907654321")["id"]


def webhook(greenroom: Greenroom) -> str:
    body = {"url": greenroom.receiver.url(f"/{uuid.uuid4()}"), "events": ["interview.completed"]}
    return greenroom.request("POST", "/webhooks", body).expect(201).body["id"]


def candidate(greenroom: Greenroom) -> str:
    body = {"firstName": "Ada", "lastName": "Page", "email": "ada@example.com", "gdprExpiryDate": "2099-01-01"}
    return greenroom.request("POST", "/candidates", body).expect(201).body["id"]


def discarded_object(greenroom: Greenroom) -> str:
    bucket = greenroom.stack.outputs()["DiscardedBatchesBucket"]
    return greenroom.stack.emulator.client("s3").list_objects_v2(Bucket=bucket)["Contents"][0]["Key"]


# What each placeholder stands for: made anew for each block that has it.
PLACEHOLDERS: dict[str, Callable[[Greenroom], str]] = {
    "<company>": company,
    "<ats>": system,
    "<key>": key,
    "<number>": number,
    "<webhook>": webhook,
    "<candidate>": candidate,
    "<object>": discarded_object,
    "<month>": lambda _: f"{datetime.now(timezone.utc):%Y-%m}",
}
