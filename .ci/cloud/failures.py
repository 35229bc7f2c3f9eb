"""What the page's sections on failures need to work on, and what is so once their commands were carried out."""

import json
import time
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from typing import NamedTuple
from urllib.parse import urlsplit

from cloud.calls import equal, keep_dead_letters, of
from cloud.greenroom import Greenroom
from cloud.uses import invoke, job, off, queued, rfc_3339, stream_event

# Seconds: five days. A delivery is given up after four.
LONG_AGO_S = 5 * 24 * 60 * 60


class Scene(NamedTuple):
    """A section of the page."""

    # Before its first command.
    prepare: Callable[[Greenroom], None]
    # After its last one, with all that they printed.
    check: Callable[[Greenroom, str], None]


# --- Dead letters --------------------------------------------------------------------------------


def prepare_dead_letters(greenroom: Greenroom):
    """A delivery that was given up is sent on its way again, and arrives. Others wait for the page's commands."""
    keep_dead_letters(greenroom)
    empty(greenroom)
    with ExitStack() as later:
        webhook, delivery_id = given_up(greenroom, later)
        # The owner mends the cause.
        path = f"/{uuid.uuid4()}"
        greenroom.request("PATCH", of(webhook), {"url": greenroom.receiver.url(path)}).expect(200)
        # What `start-message-move-task` does, which the emulator lacks.
        for message in empty(greenroom):
            greenroom.stack.emulator.client("sqs").send_message(
                QueueUrl=greenroom.stack.outputs()["DeliveryQueueUrl"],
                MessageBody=message["Body"],
                MessageGroupId=message["Attributes"]["MessageGroupId"],
            )
        [again] = greenroom.receiver.arrived(path, 1)
        equal(again.headers["webhook-id"], delivery_id)
        deadline = time.monotonic() + 30
        while status(greenroom, webhook, delivery_id) != "SUCCEEDED":
            assert time.monotonic() < deadline, "a dead letter that was sent again and has arrived is not SUCCEEDED"
    keep_dead_letters(greenroom)
    with ExitStack() as later:
        DEAD.append(given_up(greenroom, later)[1])


# The delivery that the page's command must show.
DEAD: list[str] = []


def check_dead_letters(_: Greenroom, output: str):
    """A delivery that is given up lies there, is shown by its id, and arrives under the same once it is sent again; what
    nobody can read lies beside it."""
    shown = [line.split("\t")[1] for line in output.splitlines() if line.count("\t") == 3]
    equal(sorted(shown), ["", *DEAD])


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


def empty(greenroom: Greenroom) -> list[dict]:
    """Takes all messages from the dead letters."""
    sqs, queue = greenroom.stack.emulator.client("sqs"), greenroom.stack.outputs()["DeadLetterQueueUrl"]
    taken = []
    while True:
        answer = sqs.receive_message(
            QueueUrl=queue, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"], WaitTimeSeconds=2
        )
        if "Messages" not in answer:
            return taken
        for message in answer["Messages"]:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            taken.append(message)


def status(greenroom: Greenroom, webhook: dict, delivery_id: str) -> str:
    listed = greenroom.request("GET", of(webhook, "/deliveries")).expect(200).body["deliveries"]
    [found] = [delivery["status"] for delivery in listed if delivery["id"] == delivery_id]
    return found


# --- Discarded batches ---------------------------------------------------------------------------

# Interviews whose batches were given up, though there was nothing wrong with them.
DISCARDED = [str(uuid.uuid4()) for _ in range(3)]


def prepare_discarded_batches(greenroom: Greenroom):
    """Batches as Lambda puts them into the bucket; the last one will fail again. First, one that fails in part."""
    announced, broken, later = (str(uuid.uuid4()) for _ in range(3))
    batch = stream_event(greenroom, announced, broken, later)
    del batch["Records"][1]["dynamodb"]["NewImage"]["id"]
    # From there on Lambda repeats it.
    failed = batch["Records"][1]["dynamodb"]["SequenceNumber"]
    equal(invoke(greenroom, "PublishEventsFunctionName", batch), {"batchItemFailures": [{"itemIdentifier": failed}]})
    posts_of(greenroom, announced)

    first, second, third = DISCARDED
    keep(greenroom, "1", stream_event(greenroom, first, second))
    keep(greenroom, "2", stream_event(greenroom, third))
    keep(greenroom, "3", {"Records": batch["Records"][1:]})


def check_discarded_batches(greenroom: Greenroom, output: str):
    """Events of batches that were given up arrive once they are announced again, under the ids that they always have; a
    batch that fails again stays in the bucket."""
    assert "RetryAttemptsExhausted" in output, output
    for interview in DISCARDED:
        posts = posts_of(greenroom, interview)
        equal(invoke(greenroom, "PublishEventsFunctionName", stream_event(greenroom, interview)), {"batchItemFailures": []})
        assert {post.headers["webhook-id"] for post in posts_of(greenroom, interview)} == {
            post.headers["webhook-id"] for post in posts
        }
    s3, bucket = greenroom.stack.emulator.client("s3"), greenroom.stack.outputs()["DiscardedBatchesBucket"]
    left = [found["Key"] for found in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
    assert [key[-1] for key in left] == ["3"], f"these are left of the discarded batches: {left}"


def keep(greenroom: Greenroom, name: str, batch: dict):
    """Puts a batch into the bucket, as Lambda keeps one that it gives up. Its name ends with the given one."""
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
    key = f"{folder}/{time.strftime('%Y-%m-%dT%H.%M.%S', now)}-{uuid.UUID(int=int(name))}"
    greenroom.stack.emulator.client("s3").put_object(
        Bucket=outputs["DiscardedBatchesBucket"], Key=key, Body=json.dumps(kept).encode()
    )


def posts_of(greenroom: Greenroom, interview: str) -> list:
    """Both events of an interview, and all that came of it by now."""
    return greenroom.receiver.arrived(
        urlsplit(greenroom.webhook["url"]).path, 2,
        where=lambda post: post.payload["data"].get("interviewId") == interview,
    )


SCENES = {
    "Dead letters": Scene(prepare_dead_letters, check_dead_letters),
    "Discarded batches": Scene(prepare_discarded_batches, check_discarded_batches),
}
