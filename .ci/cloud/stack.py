"""A stack in the emulator: what `sam build` made, deployed, changed and deleted by CloudFormation."""

import hashlib
import io
import json
import time
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from botocore.exceptions import ClientError

from cloud.emulator import Emulator
from cloud.template import NOT_SUPPORTED, Adapted, Parameters, adapt

BUILD = Path(".aws-sam/build")
# The bucket of code and templates, as `sam deploy` has one.
ARTIFACTS = "artifacts"
# Seconds for CloudFormation to be done with the stack.
OPERATION_TIMEOUT_S = 300
HINT = (
    "If the template is right: list what the emulator lacks in NOT_SUPPORTED, or make up for it by one more of "
    "CHANGES, both in .ci/cloud/template.py."
)


class Role(NamedTuple):
    """A role of the stack, with the documents of its policies by their names."""

    name: str
    policies: dict[str, dict]


class Stack:
    """A stack of the built template."""

    def __init__(self, emulator: Emulator, name: str, parameters: Parameters):
        self.emulator, self.name, self.parameters = emulator, name, parameters
        self._cloudformation = emulator.client("cloudformation")
        self._s3 = emulator.client("s3")

    def deploy(self) -> Adapted:
        """Creates the stack; answers with what was deployed of the template. Ends the program if anything of it is
        neither there nor known as not supported."""
        with suppress(self._s3.exceptions.BucketAlreadyOwnedByYou):
            self._s3.create_bucket(
                Bucket=ARTIFACTS, CreateBucketConfiguration={"LocationConstraint": self._s3.meta.region_name}
            )
        self._code = {folder.parent.name: self._upload(folder) for folder in sorted(BUILD.glob("*/bootstrap"))}
        return self._carry_out(self._cloudformation.create_stack, "CREATE_COMPLETE")

    def update(self, **parameters: str) -> Adapted:
        """Deploys the same code with other values of some parameters."""
        self.parameters = self.parameters | parameters
        return self._carry_out(self._cloudformation.update_stack, "UPDATE_COMPLETE")

    def delete(self):
        """Deletes the stack, and with it what is not retained."""
        identifier = self._describe()["StackId"]
        self._cloudformation.delete_stack(StackName=self.name)
        self._wait_for(identifier, "DELETE_COMPLETE")

    def outputs(self) -> dict[str, str]:
        """The stack's outputs."""
        return {output["OutputKey"]: output["OutputValue"] for output in self._describe()["Outputs"]}

    def resources(self) -> dict[str, dict]:
        """What CloudFormation says of each resource, by logical id."""
        pages = self._cloudformation.get_paginator("list_stack_resources").paginate(StackName=self.name)
        return {found["LogicalResourceId"]: found for page in pages for found in page["StackResourceSummaries"]}

    def roles(self) -> dict[str, Role]:
        """The stack's roles, by logical id, with their policies as they are now."""
        iam = self.emulator.client("iam")
        roles = {}
        for logical_id, resource in self.resources().items():
            if resource["ResourceType"] == "AWS::IAM::Role":
                name = resource["PhysicalResourceId"]
                policies = iam.list_role_policies(RoleName=name)["PolicyNames"]
                roles[logical_id] = Role(name, {
                    policy: iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
                    for policy in policies
                })
        return roles

    def error_lines(self, limit: int = 10) -> list[str]:
        """The last lines of level ERROR that each function has logged; none once the stack is deleted."""
        logs = self.emulator.client("logs")
        try:
            resources = self.resources()
        except ClientError:
            return []
        lines = []
        for resource in resources.values():
            if resource["ResourceType"] == "AWS::Logs::LogGroup":
                pages = logs.get_paginator("filter_log_events").paginate(logGroupName=resource["PhysicalResourceId"])
                messages = [event["message"] for page in pages for event in page["events"]]
                lines += [message for message in messages if '"level":"ERROR"' in message][-limit:]
        return lines

    def _upload(self, bootstrap: Path) -> str:
        """Puts a function's code into the bucket; answers with its address. The same code has the same address."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            entry = zipfile.ZipInfo("bootstrap")
            entry.external_attr = 0o755 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, bootstrap.read_bytes())
        key = hashlib.sha256(packed.getvalue()).hexdigest()
        self._s3.put_object(Bucket=ARTIFACTS, Key=key, Body=packed.getvalue())
        return f"s3://{ARTIFACTS}/{key}"

    def _carry_out(self, operation, wanted_status: str) -> Adapted:
        adapted = adapt(BUILD / "template.yaml", self._code, self.emulator.endpoint, self.parameters)
        # By its address, since the text of a request may be 51,200 bytes at most.
        self._s3.put_object(Bucket=ARTIFACTS, Key="template.json", Body=json.dumps(adapted.template).encode())
        try:
            stack_id = operation(
                StackName=self.name,
                TemplateURL=f"{self.emulator.endpoint}/{ARTIFACTS}/template.json",
                Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in self.parameters.items()],
                Capabilities=["CAPABILITY_IAM"],
            )["StackId"]
        except ClientError as error:
            raise SystemExit(f"the emulator refuses the template: {error}\n{HINT}") from error
        self._wait_for(stack_id, wanted_status)

        deployed = self.resources()
        missing = adapted.wanted - set(deployed) - set(adapted.left_out)
        if missing:
            raise SystemExit(f"neither deployed nor known as not supported: {sorted(missing)}")
        return adapted

    def _wait_for(self, stack_id: str, wanted_status: str):
        deadline = time.monotonic() + OPERATION_TIMEOUT_S
        while (status := self._describe(stack_id)["StackStatus"]) != wanted_status:
            if not status.endswith("_IN_PROGRESS") or time.monotonic() > deadline:
                pages = self._cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack_id)
                reasons = [
                    f"{event['LogicalResourceId']}: {event['ResourceStatus']}: {event['ResourceStatusReason']}"
                    for page in pages
                    for event in page["StackEvents"]
                    if event.get("ResourceStatusReason")
                ]
                raise SystemExit("\n".join([f"the stack is {status}, not {wanted_status}:", *reversed(reasons), HINT]))
            time.sleep(0.2)

    def _describe(self, stack_id: str | None = None) -> dict:
        [stack] = self._cloudformation.describe_stacks(StackName=stack_id or self.name)["Stacks"]
        return stack


def supported_meanwhile(emulator: Emulator) -> list[str]:
    """Kinds of NOT_SUPPORTED that the emulator takes after all."""
    cloudformation = emulator.client("cloudformation")
    taken = []
    for number, entry in enumerate(NOT_SUPPORTED):
        name = f"not-supported-{number}"
        try:
            cloudformation.create_stack(
                StackName=name, TemplateBody=json.dumps({"Resources": {"Example": entry.example}})
            )
        except ClientError:
            continue
        deadline = time.monotonic() + OPERATION_TIMEOUT_S
        while time.monotonic() < deadline:
            [stack] = cloudformation.describe_stacks(StackName=name)["Stacks"]
            if not stack["StackStatus"].endswith("_IN_PROGRESS"):
                break
            time.sleep(0.1)
        if stack["StackStatus"] == "CREATE_COMPLETE":
            taken.append(entry.kind)
        cloudformation.delete_stack(StackName=name)
    return taken
