"""What the page's sections on failures need to work on, and what is so once their commands were carried out."""

import json
import time
import uuid
from contextlib import ExitStack
from typing import Protocol
from urllib.parse import urlsplit

from cloud.calls import equal, keep_dead_letters, of
from cloud.greenroom import Greenroom
from cloud.uses import invoke, job, off, queued, restart, rfc_3339, stream_event, wait_until

# Seconds: five days. A delivery is given up after four.
LONG_AGO_S = 5 * 24 * 60 * 60


class Scene(Protocol):
    """A section of the page. What its commands need is made with the scene, before the first of them."""

    # By how commands begin, what is carried out in their place.
    replaced: dict[str, str]

    def __init__(self, greenroom: Greenroom): ...

    def check(self, output: str):
        """Fails if the commands have not done what the page says; they have printed `output`."""


# --- Deploying -----------------------------------------------------------------------------------


class DeployersRights:
    """The role whose policy the page writes."""

    replaced = {}

    def __init__(self, greenroom: Greenroom):
        self._iam = greenroom.stack.emulator.client("iam")
        self._iam.create_role(RoleName="greenroom-deployer", AssumeRolePolicyDocument='{"Statement": []}')

    def check(self, _: str):
        """The deployer's role has its policy."""
        equal(self._iam.list_role_policies(RoleName="greenroom-deployer")["PolicyNames"], ["deploy"])


class GoingBack:
    """A second version of each function is deployed; the page's commands go back to the first."""

    def __init__(self, greenroom: Greenroom):
        self._lambda = greenroom.stack.emulator.client("lambda")
        names = [value for name, value in greenroom.stack.outputs().items() if name.endswith("FunctionName")]
        self._before = {name: self._version(name) for name in names}
        # Versions have times in whole seconds.
        time.sleep(1)
        self.replaced = {"before=": f"before={time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime())}"}
        time.sleep(1)
        for name in names:
            restart(greenroom, name)
        for name, version in self._before.items():
            assert self._version(name) != version, f"there is no second version of {name}"

    def check(self, _: str):
        """Each function is at the version that it had before."""
        equal({name: self._version(name) for name in self._before}, self._before)

    def _version(self, name: str) -> str:
        return self._lambda.get_alias(FunctionName=name, Name="live")["FunctionVersion"]


# --- Dead letters --------------------------------------------------------------------------------


class DeadLetters:
    """A delivery that was given up is sent on its way again, and arrives. Another one, and a message that nobody can
    read, are left for the page's commands."""

    replaced = {}

    def __init__(self, greenroom: Greenroom):
        sqs, outputs = greenroom.stack.emulator.client("sqs"), greenroom.stack.outputs()
        with ExitStack() as later:
            webhook, delivery_id = given_up(greenroom, later)
            # The owner mends the cause.
            path = f"/{uuid.uuid4()}"
            greenroom.request("PATCH", of(webhook), {"url": greenroom.receiver.url(path)}).expect(200)
            # What `start-message-move-task` does, which the emulator lacks.
            for message in taken(greenroom):
                sqs.send_message(
                    QueueUrl=outputs["DeliveryQueueUrl"],
                    MessageBody=message["Body"],
                    MessageGroupId=message["Attributes"]["MessageGroupId"],
                )
            [again] = greenroom.receiver.arrived(path, 1)
            equal(again.headers["webhook-id"], delivery_id)
            wait_until(
                lambda: status(greenroom, webhook, delivery_id) == "SUCCEEDED", "what was sent again is delivered"
            )

            _, self._given_up = given_up(greenroom, later)
        keep_dead_letters(greenroom)
        visible = {"QueueUrl": outputs["DeadLetterQueueUrl"], "AttributeNames": ["ApproximateNumberOfMessages"]}
        wait_until(
            lambda: sqs.get_queue_attributes(**visible)["Attributes"]["ApproximateNumberOfMessages"] == "2",
            "two dead letters can be received",
        )

    def check(self, output: str):
        """Dead letters are shown by their ids, without one what nobody can read; what is sent again arrives."""
        shown = [line.split("\t")[1] for line in output.splitlines() if line.count("\t") == 3]
        equal(sorted(shown), ["", self._given_up])


def given_up(greenroom: Greenroom, later: ExitStack) -> tuple[dict, str]:
    """A webhook, and the id of a delivery to it that the function gave up, because its time was over."""
    url = greenroom.receiver.url(f"/answers/500/{uuid.uuid4()}")
    webhook = later.enter_context(greenroom.temporary_webhook(url=url))
    emulator, outputs = greenroom.stack.emulator, greenroom.stack.outputs()
    body = job(greenroom, webhook)
    delivery_id = json.loads(body)["deliveryId"]
    with off(greenroom, "DeliverWebhookQueueId"):
        batch = queued(greenroom, [body])
        [message] = batch["Records"]
        failed = {"batchItemFailures": [{"itemIdentifier": message["messageId"]}]}
        equal(invoke(greenroom, "DeliverWebhookFunctionName", batch), failed)
        # Days pass.
        emulator.client("dynamodb").update_item(
            TableName=greenroom.table,
            Key={"PK": {"S": f"WEBHOOK#{webhook['id']}"}, "SK": {"S": f"DELIVERY#{delivery_id}"}},
            UpdateExpression="SET seriesBeganAt = :before, nextAttemptAt = :before",
            ConditionExpression="attribute_exists(seriesBeganAt) AND attribute_exists(nextAttemptAt)",
            ExpressionAttributeValues={":before": {"S": rfc_3339(time.time() - LONG_AGO_S)}},
        )
        equal(invoke(greenroom, "DeliverWebhookFunctionName", batch), {"batchItemFailures": []})
        # As Lambda does with what is done.
        emulator.client("sqs").delete_message(
            QueueUrl=outputs["DeliveryQueueUrl"], ReceiptHandle=message["receiptHandle"]
        )
    equal(status(greenroom, webhook, delivery_id), "FAILED")
    return webhook, delivery_id


def taken(greenroom: Greenroom) -> list[dict]:
    """Takes the one message there is from the dead letters, or more."""
    sqs, queue = greenroom.stack.emulator.client("sqs"), greenroom.stack.outputs()["DeadLetterQueueUrl"]
    messages = sqs.receive_message(
        QueueUrl=queue, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"], WaitTimeSeconds=20
    )["Messages"]
    for message in messages:
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return messages


def status(greenroom: Greenroom, webhook: dict, delivery_id: str) -> str:
    listed = greenroom.request("GET", of(webhook, "/deliveries")).expect(200).body["items"]
    [found] = [delivery["status"] for delivery in listed if delivery["id"] == delivery_id]
    return found


# --- Discarded batches ---------------------------------------------------------------------------

class DiscardedBatches:
    """Batches lie in the bucket as Lambda puts them there; the last one fails again."""

    replaced = {}

    def __init__(self, greenroom: Greenroom):
        self._greenroom = greenroom
        # First, one that fails in part, from the second record on.
        announced, broken, later = (str(uuid.uuid4()) for _ in range(3))
        batch = stream_event(greenroom, announced, broken, later)
        del batch["Records"][1]["dynamodb"]["NewImage"]["id"]
        failed = batch["Records"][1]["dynamodb"]["SequenceNumber"]
        answer = invoke(greenroom, "PublishEventsFunctionName", batch)
        equal(answer, {"batchItemFailures": [{"itemIdentifier": failed}]})
        posts_of(greenroom, announced)

        self._interviews = first, second, third = [str(uuid.uuid4()) for _ in range(3)]
        keep(greenroom, 1, stream_event(greenroom, first, second))
        keep(greenroom, 2, stream_event(greenroom, third))
        self._left = keep(greenroom, 3, {"Records": batch["Records"][1:]})

    def check(self, output: str):
        """Events of discarded batches arrive once those are published again; a batch that fails again is kept."""
        assert "RetryAttemptsExhausted" in output, output
        stack = self._greenroom.stack
        s3, bucket = stack.emulator.client("s3"), stack.outputs()["DiscardedBatchesBucket"]
        left = [found["Key"] for found in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
        equal(left, [self._left])
        for interview in self._interviews:
            posts_of(self._greenroom, interview)


def keep(greenroom: Greenroom, number: int, batch: dict) -> str:
    """Puts a batch into the bucket, as Lambda keeps one that it gives up; answers with the object's name, which comes
    after those of lower numbers."""
    outputs = greenroom.stack.outputs()
    sequence = [record["dynamodb"]["SequenceNumber"] for record in batch["Records"]]
    now = time.gmtime()
    shard = "shardId-00000001762175200000-00000001"
    functions = greenroom.stack.emulator.client("lambda")
    function = functions.get_function_configuration(FunctionName=outputs["PublishEventsFunctionName"])["FunctionArn"]
    kept = {
        "requestContext": {
            "requestId": str(uuid.uuid4()),
            "functionArn": function,
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 101,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "version": "1.0",
        "timestamp": rfc_3339(time.time()),
        "DDBStreamBatchInfo": {
            "shardId": shard,
            "startSequenceNumber": sequence[0],
            "endSequenceNumber": sequence[-1],
            "approximateArrivalOfFirstRecord": rfc_3339(time.time()),
            "approximateArrivalOfLastRecord": rfc_3339(time.time()),
            "batchSize": len(sequence),
            "streamArn": outputs["TableStreamArn"],
        },
        "payload": json.dumps(batch),
    }
    folder = f"aws/lambda/{outputs['PublishEventsStreamId']}/{shard}/{time.strftime('%Y/%m/%d', now)}"
    key = f"{folder}/{time.strftime('%Y-%m-%dT%H.%M.%S', now)}-{uuid.UUID(int=number)}"
    greenroom.stack.emulator.client("s3").put_object(
        Bucket=outputs["DiscardedBatchesBucket"], Key=key, Body=json.dumps(kept).encode()
    )
    return key


def posts_of(greenroom: Greenroom, interview: str):
    """Waits for both events of an interview."""
    greenroom.receiver.arrived(
        urlsplit(greenroom.webhook["url"]).path, 2,
        where=lambda post: post.payload["data"].get("interviewId") == interview,
    )


# By the page's headings.
SCENES: dict[str, type[Scene]] = {
    "The deployer's rights": DeployersRights,
    "Going back": GoingBack,
    "Dead letters": DeadLetters,
    "Discarded batches": DiscardedBatches,
}
