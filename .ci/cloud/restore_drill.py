"""The commands of docs/operating.md that replace the whole table, run as they stand there, on a stack in an emulator.

A drill goes with a deployed stack:

    drill = RestoreDrill(endpoint, "greenroom", deploy, aws=…, admin=…)
    drill.remember()    # the second to which the table is restored; what is written after it is lost
    drill.restore()     # all steps of the page, from stopping to running again
    drill.go_back()     # to the stack's own table

`deploy` stands for `sam deploy`: it is called with the parameters that the page gives to it, as keywords.
"""

import os
import re
import shlex
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import boto3

PAGE = Path("docs/operating.md")
HEADING = "### Replacing the whole table"
GOING_BACK = "**Going back**"
# The name of the restored table, as the page has it.
RESTORED = "greenroom-restored"
# What the template's table has and a restored one lacks until the page's step 4. Not compared with the replaced table,
# because the emulator's CloudFormation leaves out the last two.
SETTINGS = {
    "stream": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    "protected": True,
    "time to live": ("ENABLED", "expiresAt"),
    "backups": "ENABLED",
}
# Seconds for all commands of the page, deployments included.
COMMANDS_TIMEOUT_S = 900
# What the page's shell has besides the AWS CLI: `sam` and `admin`, and `tell`, which waits until the drill has done its part.
PRELUDE = """
tell() { printf '%s\\n' "$*" >&"$TO_DRILL"; read -r <&"$FROM_DRILL"; }
sam() { [ "$1" = build ] || tell deploy "${@: -1}"; }
admin() { "$ADMIN" --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }
"""


class RestoreDrill:
    """A restoration of one stack's table, and the way back."""

    def __init__(
        self, endpoint: str, stack: str, deploy: Callable[..., object], *, aws: Path, admin: Path, region: str = "eu-central-1"
    ):
        self._stack, self._deploy = stack, deploy
        self._environment = {
            "PATH": f"{aws.absolute().parent}:{os.environ['PATH']}",
            "HOME": os.environ["HOME"],
            "ADMIN": str(admin.absolute()),
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_PAGER": "",
        }
        session = boto3.Session("test", "test", region_name=region)
        self._cloudformation, self._dynamodb, self._lambda = (
            session.client(service, endpoint_url=endpoint) for service in ("cloudformation", "dynamodb", "lambda")
        )
        self._own = self._outputs()["TableName"]
        self._then: dict[tuple, dict] = {}

    def remember(self):
        """Takes this second as the one to which the table is restored."""
        self._then = self._items(self._own)

    def restore(self):
        """Runs the page's steps, and looks at what they have made."""
        before, mappings = self._items(self._own), self._stream_mappings()
        steps, _ = commands(self._stack)
        self._run(steps)

        equal("the table in use", self._outputs()["TableName"], RESTORED)
        equal("its settings", self._settings(RESTORED), SETTINGS)
        equal("items of the restored table", self._items(RESTORED), self._then)
        equal("items of the replaced table", self._items(self._own), before)
        self._check_use_of(RESTORED, mappings)

    def go_back(self):
        """Runs the page's command that goes back, and looks at what it has made."""
        mappings = self._stream_mappings()
        steps, back = commands(self._stack)
        # What its variables are, the first step says.
        self._run([*steps[:1], *back])
        equal("the table in use", self._outputs()["TableName"], self._own)
        self._check_use_of(self._own, mappings)

    def _stream_mappings(self) -> set[str]:
        """The mappings from the table's stream."""
        outputs = self._outputs()
        return {outputs[name] for name in ("PublishEventsStreamId", "EraseStreamId", "StartInterviewsStreamId")}

    def _check_use_of(self, table: str, mappings_before: set[str]):
        """Everything uses this table, by mappings that were made anew, and everything runs."""
        outputs = self._outputs()
        stream = self._dynamodb.describe_table(TableName=table)["Table"]["LatestStreamArn"]
        equal("the output TableStreamArn", outputs["TableStreamArn"], stream)
        mappings = self._stream_mappings()
        assert not mappings & mappings_before, "a mapping from the stream is one of before"
        streams = {
            mapping["UUID"]: mapping["EventSourceArn"]
            for mapping in self._lambda.list_event_source_mappings()["EventSourceMappings"]
            if ":dynamodb:" in mapping["EventSourceArn"]
        }
        equal("mappings from streams", streams, dict.fromkeys(mappings, stream))
        deliveries = self._lambda.get_event_source_mapping(UUID=outputs["DeliverWebhookQueueId"])
        equal("the mapping from the queue", deliveries["State"], "Enabled")

        used = {}
        for name in (value for key, value in outputs.items() if key.endswith("FunctionName")):
            concurrency = self._lambda.get_function_concurrency(FunctionName=name)
            assert concurrency.get("ReservedConcurrentExecutions") != 0, f"{name} is still stopped"
            # What callers reach: the version of the alias, where there is one.
            versions = [alias["FunctionVersion"] for alias in self._lambda.list_aliases(FunctionName=name)["Aliases"]]
            for version in versions or ["$LATEST"]:
                function = self._lambda.get_function_configuration(FunctionName=name, Qualifier=version)
                variables = function.get("Environment", {}).get("Variables", {})
                if "TABLE_NAME" in variables:
                    used[f"{name}:{version}"] = variables["TABLE_NAME"]
        assert len(used) >= 5, f"functions that use the table: {used}"
        equal("tables that functions use", set(used.values()), {table})

    def _turn_back(self):
        """Makes the restored table what it was at the remembered second, since the emulator restores the present."""
        now = self._items(RESTORED)
        for key in now.keys() - self._then.keys():
            self._dynamodb.delete_item(TableName=RESTORED, Key={name: now[key][name] for name in ("PK", "SK")})
        for key, item in self._then.items():
            if now.get(key) != item:
                self._dynamodb.put_item(TableName=RESTORED, Item=item)

    def _settings(self, table: str) -> dict:
        """Its part of SETTINGS."""
        described = self._dynamodb.describe_table(TableName=table)["Table"]
        time_to_live = self._dynamodb.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
        backups = self._dynamodb.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
        return {
            "stream": described.get("StreamSpecification"),
            "protected": described.get("DeletionProtectionEnabled"),
            "time to live": (time_to_live.get("TimeToLiveStatus"), time_to_live.get("AttributeName")),
            "backups": backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"],
        }

    def _items(self, table: str) -> dict[tuple, dict]:
        pages = self._dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        return {(item["PK"]["S"], item["SK"]["S"]): item for page in pages for item in page["Items"]}

    def _outputs(self) -> dict[str, str]:
        [stack] = self._cloudformation.describe_stacks(StackName=self._stack)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    def _run(self, blocks: list[str]):
        """Runs blocks in one shell, and does what it tells."""
        from_shell, to_drill = os.pipe()
        from_drill, to_shell = os.pipe()
        environment = self._environment | {"TO_DRILL": str(to_drill), "FROM_DRILL": str(from_drill)}
        command = ["timeout", str(COMMANDS_TIMEOUT_S), "bash", "-euo", "pipefail", "-c", PRELUDE + "\n".join(blocks)]
        with (
            tempfile.TemporaryFile("w+") as output,
            subprocess.Popen(
                command, env=environment, stdout=output, stderr=output, pass_fds=(to_drill, from_drill)
            ) as shell,
            os.fdopen(from_shell) as told,
            os.fdopen(to_shell, "w") as answers,
        ):
            os.close(to_drill)
            os.close(from_drill)
            for line in told:
                match line.split(maxsplit=1):
                    case ["restored"]:
                        self._turn_back()
                    case ["deploy", parameters]:
                        self._deploy(**dict(parameter.split("=", 1) for parameter in shlex.split(parameters)))
                    case other:
                        raise AssertionError(f"the shell tells {other}")
                answers.write("\n")
                answers.flush()
            if shell.wait() != 0:
                output.seek(0)
                raise AssertionError(f"a command of {PAGE} failed with {shell.returncode}:\n{output.read()}")


def commands(stack: str) -> tuple[list[str], list[str]]:
    """The page's commands for this stack, one text for each block: those that restore, and those that go back."""
    section = re.search(rf"^{HEADING}\n(.*?)^## ", PAGE.read_text(), re.MULTILINE | re.DOTALL)[1]
    restore, back = (re.findall(r"^```sh\n(.*?)^```$", part, re.MULTILINE | re.DOTALL) for part in section.split(GOING_BACK))
    first = re.sub(r"^stack=\S+", f"stack={shlex.quote(stack)}", restore[0])
    # The last second that can be restored is some minutes ago, and the emulator restores the present anyway.
    first = re.sub(r"^second=\S+", 'second=$(date -u +%FT%TZ)', first, flags=re.MULTILINE)
    assert (len(restore), len(back)) == (7, 1), f"{PAGE} has {len(restore)} steps and {len(back)} to go back"
    assert f"restored={RESTORED}\n" in first and "second=$(date" in first, f"{PAGE} begins with:\n{first}"
    return [first, restore[1], restore[2] + "tell restored\n", *restore[3:]], back


def equal(what: str, found: object, expected: object):
    """Fails unless both are the same."""
    assert found == expected, f"{what}: {found}, not {expected}"
