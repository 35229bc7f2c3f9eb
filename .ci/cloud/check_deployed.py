"""Deploys what `sam build` made, tries every route and what follows from it, changes the stack and deletes it.

Fails if anything is not as the template and the API's document say, or if a route of the template is not tried.
"""

import collections
import sys

from cloud.calls import BACKGROUND, EVENTS, ROUTES, announce_and_deliver, equal, of
from cloud.checking import arguments, deployed_stack, timed
from cloud.emulator import Emulator
from cloud.greenroom import Greenroom
from cloud.limits import CANNOT_SHOW
from cloud.restore_drill import RESTORED, RestoreDrill
from cloud.stack import ARTIFACTS, supported_meanwhile
from cloud.template import Adapted

DOCUMENT_URL = "https://example.com/openapi.yaml"


def main():
    given = arguments(__doc__, aws="the AWS CLI")
    with Emulator(given.ministack, given.scratch) as emulator:
        taken = supported_meanwhile(emulator)
        if taken:
            sys.exit(f"FAILED: supported meanwhile, so remove from NOT_SUPPORTED in .ci/cloud/template.py: {taken}")
        with deployed_stack(emulator) as (stack, deployed):
            show(deployed)
            drill = RestoreDrill(emulator.endpoint, stack.name, stack.update, aws=given.aws, admin=given.admin)
            check(deployed, Greenroom(stack, given.admin.absolute()), drill)
    print("    not shown by this step:")
    for limit in CANNOT_SHOW:
        print(f"      - {limit}")


def check(deployed: Adapted, greenroom: Greenroom, drill: RestoreDrill):
    """Everything from the first request to the deletion."""
    stack = greenroom.stack
    untried, unknown = deployed.routes - set(ROUTES), set(ROUTES) - deployed.routes
    assert not untried, f"routes without an entry in ROUTES of .ci/cloud/calls.py: {sorted(untried)}"
    assert not unknown, f"routes that .ci/cloud/calls.py tries, and the template does not have: {sorted(unknown)}"
    print(f"    {len(deployed.routes)} routes")
    try_all(greenroom, ROUTES | BACKGROUND)

    with timed("updated with LogRetentionDays and DocumentUrl"):
        stack.update(LogRetentionDays="7", DocumentUrl=DOCUMENT_URL)
    check_update(greenroom)
    check_restoring(greenroom, drill)
    with timed("updated with StageName=v1"):
        stack.update(StageName="v1")
    at_the_root = greenroom.request("GET", "/webhooks")
    equal((at_the_root.status, at_the_root.body), (404, {"message": "Not Found"}))
    greenroom.find()
    assert greenroom.api.endswith("/v1"), greenroom.api
    try_all(greenroom, ROUTES)

    check_deletion(greenroom, deployed)


def show(deployed: Adapted):
    """Prints what was deployed and what was not."""
    kinds = collections.Counter(
        resource["Type"].removeprefix("AWS::")
        for name, resource in deployed.template["Resources"].items()
        if name in deployed.wanted
    )
    print("    " + ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())))
    for name, entry in sorted(deployed.left_out.items()):
        print(f"    not supported: {name} ({entry.kind}: {entry.reason})")


def try_all(greenroom: Greenroom, calls: dict):
    """Carries out calls one after another."""
    for name, call in calls.items():
        with timed(f"{name}: {' '.join(call.__doc__.split())}"):
            call(greenroom)


def check_update(greenroom: Greenroom):
    """The update took effect, and nothing was lost by it."""
    logs = greenroom.stack.emulator.client("logs")
    groups = [
        resource["PhysicalResourceId"]
        for resource in greenroom.stack.resources().values()
        if resource["ResourceType"] == "AWS::Logs::LogGroup"
    ]
    for group in groups:
        [found] = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
        equal((group, found["retentionInDays"]), (group, 7))
    print(f"    {len(groups)} log groups keep lines for 7 days")
    unknown = greenroom.request("GET", "/nothing").expect(404, "ROUTE_NOT_FOUND")
    assert DOCUMENT_URL in unknown.body["detail"], unknown
    print("    the 404 of an unknown path names the document")
    announce_and_deliver(greenroom)
    print("    company, key and webhook are still there, and events are delivered to it")


def check_restoring(greenroom: Greenroom, drill: RestoreDrill):
    """The table is restored and used by the commands of docs/operating.md, and the stack's own table again."""
    drill.remember()
    too_late = greenroom.request("POST", "/webhooks", {"url": greenroom.receiver.url("/"), "events": EVENTS}).expect(201).body
    with timed("restored to an earlier second, by the page's commands"):
        drill.restore()
    greenroom.find()
    greenroom.request("GET", of(too_late)).expect(404, "RESOURCE_NOT_FOUND")
    announce_and_deliver(greenroom)
    print("    company, key and webhook are in the restored table, what came later is not, and events are delivered from it")
    with timed("back to the stack's own table"):
        drill.go_back()
    greenroom.find()
    greenroom.request("GET", of(too_late)).expect(200)
    announce_and_deliver(greenroom)
    dynamodb = greenroom.stack.emulator.client("dynamodb")
    dynamodb.update_table(TableName=RESTORED, DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName=RESTORED)


def check_deletion(greenroom: Greenroom, deployed: Adapted):
    """What is retained is there, unchanged, and everything else is gone."""
    stack = greenroom.stack
    retained = collections.defaultdict(set)
    for name, resource in stack.resources().items():
        # A retained version of a function goes with its function.
        policy = deployed.template["Resources"][name].get("DeletionPolicy")
        if policy in ("Retain", "RetainExceptOnCreate") and resource["ResourceType"] != "AWS::Lambda::Version":
            retained[resource["ResourceType"]].add(resource["PhysicalResourceId"])
    to_retain = {"AWS::DynamoDB::Table", "AWS::KMS::Key", "AWS::S3::Bucket"}
    assert set(retained) == to_retain, f"the template retains {sorted(retained)}, expected {sorted(to_retain)}"
    before = items(greenroom)
    with timed("deleted"):
        stack.delete()
    for kind, found in left(stack.emulator).items():
        assert found == retained[kind], f"{kind}: after the deletion there is {found}, expected {retained[kind]}"
    equal(items(greenroom), before)
    protected = stack.emulator.client("dynamodb").describe_table(TableName=greenroom.table)["Table"]
    equal(protected["DeletionProtectionEnabled"], True)
    print(f"    gone but for the table with its {before} items, the key and the bucket")


def items(greenroom: Greenroom) -> int:
    """How many items the table holds."""
    pages = greenroom.stack.emulator.client("dynamodb").get_paginator("scan")
    return sum(page["Count"] for page in pages.paginate(TableName=greenroom.table, Select="COUNT"))


def left(emulator: Emulator) -> dict[str, set[str]]:
    """What there is in the emulator, by the kind of resource."""
    keys = emulator.client("kms")
    return {
        "AWS::ApiGatewayV2::Api": {api["ApiId"] for api in emulator.client("apigatewayv2").get_apis()["Items"]},
        "AWS::CloudWatch::Alarm": {
            alarm["AlarmName"] for alarm in emulator.client("cloudwatch").describe_alarms()["MetricAlarms"]
        },
        "AWS::DynamoDB::Table": set(emulator.client("dynamodb").list_tables()["TableNames"]),
        "AWS::IAM::Role": {role["RoleName"] for role in emulator.client("iam").list_roles()["Roles"]},
        "AWS::KMS::Key": {
            key["KeyId"]
            for key in keys.list_keys()["Keys"]
            if keys.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "Enabled"
        },
        "AWS::Lambda::EventSourceMapping": {
            mapping["UUID"] for mapping in emulator.client("lambda").list_event_source_mappings()["EventSourceMappings"]
        },
        "AWS::Lambda::Function": {
            function["FunctionName"] for function in emulator.client("lambda").list_functions()["Functions"]
        },
        "AWS::Logs::LogGroup": {
            group["logGroupName"] for group in emulator.client("logs").describe_log_groups()["logGroups"]
        },
        "AWS::S3::Bucket": {bucket["Name"] for bucket in emulator.client("s3").list_buckets()["Buckets"]} - {ARTIFACTS},
        "AWS::SNS::Topic": {topic["TopicArn"] for topic in emulator.client("sns").list_topics()["Topics"]},
        "AWS::SQS::Queue": set(emulator.client("sqs").list_queues().get("QueueUrls", [])),
    }


if __name__ == "__main__":
    main()
