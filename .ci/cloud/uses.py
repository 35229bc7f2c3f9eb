"""What each function does with its rights, in pieces that are small enough to tell which right each of them needs.

A use is prepared while its function has all rights. What that returns is the use itself: called later, it raises an
AssertionError if it fails.
"""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import urlsplit

from cloud.calls import AGENT, CANDIDATE, EVENTS, INTERVIEW, JOB, UNKNOWN_ID, equal, of, to_come, wait_until_delivered
from cloud.greenroom import Greenroom

# Seconds. Only what never happens takes longer.
WAIT_S = 60
# Clean-up, once the function has its rights again, is entered into the ExitStack.
Use = Callable[[Greenroom, ExitStack], Callable[[], object]]


# --- POST /agents --------------------------------------------------------------------------------


def agent(greenroom: Greenroom, _: ExitStack):
    """An agent is created."""
    return lambda: greenroom.request("POST", "/agents", AGENT).expect(201)


def agent_by_phone(greenroom: Greenroom, _: ExitStack):
    """An agent is created, whose telephone number is checked with the same transaction."""
    body = AGENT | {"type": "PHONE", "companyPhoneNumberId": greenroom.phone_number}
    return lambda: greenroom.request("POST", "/agents", body).expect(201)


def agent_of_system(greenroom: Greenroom, _: ExitStack):
    """A system creates an agent for a company, if it manages that still when the agent is written."""
    path = f"/agents?companyId={greenroom.managed_company}"
    return lambda: greenroom.request("POST", path, AGENT, key=greenroom.system_key).expect(201)


def refused_agent(greenroom: Greenroom, _: ExitStack):
    """A refused request with an idempotency key: it is looked up whether the agent was created earlier."""
    body = AGENT | {"type": "PHONE", "companyPhoneNumberId": UNKNOWN_ID}
    return lambda: greenroom.request("POST", "/agents", body, idempotency_key=str(uuid.uuid4())).expect(
        404, "RESOURCE_NOT_FOUND"
    )


# --- Reads ---------------------------------------------------------------------------------------


def read_agent(greenroom: Greenroom, _: ExitStack):
    """An agent is read with its caller."""
    created = greenroom.request("POST", "/agents", AGENT).expect(201).body["id"]
    return lambda: greenroom.request("GET", f"/agents/{created}").expect(200)


def read_interview(greenroom: Greenroom, _: ExitStack):
    """An interview, its transcript, its candidate and its job are read."""
    created = greenroom.request("POST", "/interviews", INTERVIEW | {"isTest": True}).expect(201).body
    interview = f"/interviews/{created['id']}"
    paths = [interview, f"{interview}/transcript", f"/candidates/{created['candidateId']}", f"/jobs/{created['jobId']}"]

    def read():
        for path in paths:
            greenroom.request("GET", path).expect(200)

    return read


def read_company(greenroom: Greenroom, _: ExitStack):
    """The company is read, and its telephone numbers are listed."""

    def read():
        greenroom.request("GET", "/company").expect(200)
        assert greenroom.request("GET", "/phone-numbers").expect(200).body["items"], "no telephone numbers"

    return read


def read_usage(greenroom: Greenroom, _: ExitStack):
    """The usage of the company is read."""
    return lambda: greenroom.request("GET", "/billing/usage").expect(200)


def read_companies(greenroom: Greenroom, _: ExitStack):
    """A system's companies are listed, and one of them is read."""

    def read():
        assert greenroom.request("GET", "/companies", key=greenroom.system_key).expect(200).body["items"], "no companies"
        path = f"/companies/{greenroom.managed_company}"
        greenroom.request("GET", path, key=greenroom.system_key).expect(200)

    return read


def listed_interviews(greenroom: Greenroom, _: ExitStack):
    """The interviews of a candidate and for a job are listed."""
    created = greenroom.request("POST", "/interviews", INTERVIEW | {"isTest": True}).expect(201).body
    return lambda: [
        greenroom.request("GET", f"/interviews?{name}={created[name]}").expect(200) for name in ("candidateId", "jobId")
    ]


def listed_agents(greenroom: Greenroom, _: ExitStack):
    """A page of an index is read, and its agents."""
    return lambda: greenroom.request("GET", "/agents").expect(200)


def searched_candidates(greenroom: Greenroom, _: ExitStack):
    """Candidates are searched, by each of the three fields."""
    return lambda: greenroom.request("GET", "/candidates?search=a").expect(200)


# --- Agents, candidates and jobs that exist; new candidates and jobs -------------------------------


def new_job(greenroom: Greenroom, _: ExitStack):
    """A job is created."""
    return lambda: greenroom.request("POST", "/jobs", JOB).expect(201)


def new_candidate(greenroom: Greenroom, _: ExitStack):
    """A candidate is created with a job, which the transaction demands."""
    job = greenroom.request("POST", "/jobs", JOB).expect(201).body["id"]
    return lambda: greenroom.request("POST", "/candidates", CANDIDATE | {"jobId": job}).expect(201)


def refused_candidate(greenroom: Greenroom, _: ExitStack):
    """A refused request with an idempotency key: it is looked up whether the candidate was created earlier."""
    body = CANDIDATE | {"jobId": UNKNOWN_ID}
    return lambda: greenroom.request("POST", "/candidates", body, idempotency_key=str(uuid.uuid4())).expect(
        404, "RESOURCE_NOT_FOUND"
    )


def changed_job(greenroom: Greenroom, _: ExitStack):
    """A job is changed."""
    job = greenroom.request("POST", "/jobs", JOB).expect(201).body["id"]
    return lambda: greenroom.request("PATCH", f"/jobs/{job}", {"title": "Another title"}).expect(200)


def changed_candidate(greenroom: Greenroom, _: ExitStack):
    """A candidate is changed."""
    candidate = greenroom.request("POST", "/candidates", CANDIDATE).expect(201).body["id"]
    return lambda: greenroom.request("PATCH", f"/candidates/{candidate}", {"status": "ACCEPTED"}).expect(200)


def changed_agent_by_phone(greenroom: Greenroom, _: ExitStack):
    """An agent gets a telephone number, which is demanded by the same transaction."""
    agent = greenroom.request("POST", "/agents", AGENT).expect(201).body["id"]
    body = {"type": "PHONE", "companyPhoneNumberId": greenroom.phone_number}
    return lambda: greenroom.request("PATCH", f"/agents/{agent}", body).expect(200)


def changed_agent_of_system(greenroom: Greenroom, _: ExitStack):
    """A system changes an agent of a company, if it manages that still when the agent is written."""
    of_company = f"?companyId={greenroom.managed_company}"
    agent = greenroom.request("POST", f"/agents{of_company}", AGENT, key=greenroom.system_key).expect(201).body["id"]
    path = f"/agents/{agent}{of_company}"
    return lambda: greenroom.request("PATCH", path, {"duration": 45}, key=greenroom.system_key).expect(200)


def new_company(greenroom: Greenroom, _: ExitStack):
    """A system creates a company, if the system is still as it was read when the company is written."""
    return lambda: greenroom.request("POST", "/companies", {"name": "Branch"}, key=greenroom.system_key).expect(201)


def changed_company(greenroom: Greenroom, _: ExitStack):
    """A system changes a company."""
    path = f"/companies/{greenroom.managed_company}"
    patch = {"metadata": {"use": str(uuid.uuid4())}}
    return lambda: greenroom.request("PATCH", path, patch, key=greenroom.system_key).expect(200)


def deleted_agent(greenroom: Greenroom, _: ExitStack):
    """An agent is deleted."""
    agent = greenroom.request("POST", "/agents", AGENT).expect(201).body["id"]
    return lambda: greenroom.request("DELETE", f"/agents/{agent}").expect(204)


# --- POST /interviews ----------------------------------------------------------------------------


def interview(greenroom: Greenroom, _: ExitStack):
    """An interview is created with its candidate, agent and job, and billed."""
    return lambda: greenroom.request("POST", "/interviews", INTERVIEW).expect(201)


def first_interview_of_month(greenroom: Greenroom, _: ExitStack):
    """The first interview of a month, with which the counts of the month before are kept."""
    before = datetime.now(timezone.utc).replace(day=1) - timedelta(days=1)
    dynamodb = greenroom.stack.emulator.client("dynamodb")
    company = {"S": f"COMPANY#{greenroom.company}"}
    # A month is closed once.
    dynamodb.delete_item(TableName=greenroom.table, Key={"PK": company, "SK": {"S": f"PERIOD#{before:%Y-%m}"}})
    dynamodb.update_item(
        TableName=greenroom.table,
        Key={"PK": company, "SK": {"S": "ALLOWANCE#00"}},
        UpdateExpression="SET #period = :before",
        ConditionExpression="attribute_exists(#period)",
        ExpressionAttributeNames={"#period": "period"},
        ExpressionAttributeValues={":before": {"S": f"{before:%Y-%m}"}},
    )
    return lambda: greenroom.request("POST", "/interviews", INTERVIEW).expect(201)


def interview_of_system(greenroom: Greenroom, _: ExitStack):
    """The same, as a test, by a system for a company, if it manages that still when the interview is written."""
    path = f"/interviews?companyId={greenroom.managed_company}"
    body = INTERVIEW | {"isTest": True}
    return lambda: greenroom.request("POST", path, body, key=greenroom.system_key).expect(201)


def interview_by_phone(greenroom: Greenroom, _: ExitStack):
    """A test interview whose agent calls from a telephone number, which is checked with the same transaction."""
    agent = AGENT | {"type": "PHONE", "companyPhoneNumberId": greenroom.phone_number}
    body = INTERVIEW | {"agent": agent, "candidate": CANDIDATE | {"phoneNumber": "+421907654321"}, "isTest": True}
    return lambda: greenroom.request("POST", "/interviews", body).expect(201)


def interview_for_further_job(greenroom: Greenroom, _: ExitStack):
    """A test interview of a candidate that exists, for another job, to which the candidate is assigned."""
    created = greenroom.request("POST", "/interviews", INTERVIEW | {"isTest": True}).expect(201).body
    body = {"candidateId": created["candidateId"], "agentId": created["agentId"], "job": JOB, "isTest": True}
    return lambda: greenroom.request("POST", "/interviews", body).expect(201)


def test_interview(greenroom: Greenroom, _: ExitStack):
    """The same as a test, which is not billed."""
    return lambda: greenroom.request("POST", "/interviews", INTERVIEW | {"isTest": True}).expect(201)


def further_test_interview(greenroom: Greenroom, _: ExitStack):
    """A test interview of a candidate, an agent and a job that exist."""
    created = greenroom.request("POST", "/interviews", INTERVIEW | {"isTest": True}).expect(201).body
    body = {name: created[name] for name in ("candidateId", "agentId", "jobId")} | {"isTest": True}
    return lambda: greenroom.request("POST", "/interviews", body).expect(201)


def refused_interview(greenroom: Greenroom, _: ExitStack):
    """A refused request with an idempotency key: it is looked up whether the interview was created earlier."""
    body = {"candidate": CANDIDATE, "agentId": UNKNOWN_ID}
    return lambda: greenroom.request("POST", "/interviews", body, idempotency_key=str(uuid.uuid4())).expect(
        404, "RESOURCE_NOT_FOUND"
    )


# --- every other path ----------------------------------------------------------------------------


def unknown_path(greenroom: Greenroom, _: ExitStack):
    """An unknown path is answered."""
    return lambda: greenroom.request("GET", "/nothing").expect(404, "ROUTE_NOT_FOUND")


# --- /webhooks -----------------------------------------------------------------------------------


def webhook(greenroom: Greenroom, later: ExitStack):
    """A webhook is created, with a secret, and entered among its owner's."""
    def create():
        created = greenroom.request("POST", "/webhooks", webhook_body(greenroom)).expect(201).body
        later.callback(lambda: greenroom.request("DELETE", of(created)).expect(204))
    return create


def webhook_of_system(greenroom: Greenroom, later: ExitStack):
    """A system creates a webhook for one company, if it manages that still when the webhook is written."""
    body, key = webhook_body(greenroom) | {"companyId": greenroom.managed_company}, greenroom.system_key
    def create():
        created = greenroom.request("POST", "/webhooks", body, key=key).expect(201).body
        later.callback(lambda: greenroom.request("DELETE", of(created), key=key).expect(204))
    return create


def listed_webhooks(greenroom: Greenroom, _: ExitStack):
    """An owner's webhooks are listed."""
    return lambda: greenroom.request("GET", "/webhooks").expect(200)


def read_webhook(greenroom: Greenroom, _: ExitStack):
    """A webhook is shown."""
    return lambda: greenroom.request("GET", of(greenroom.webhook)).expect(200)


def renamed_webhook(greenroom: Greenroom, later: ExitStack):
    """A webhook's name is changed."""
    changed = later.enter_context(greenroom.temporary_webhook())
    return lambda: greenroom.request("PATCH", of(changed), {"name": "Renamed"}).expect(200)


def webhook_with_other_headers(greenroom: Greenroom, later: ExitStack):
    """A webhook's headers are changed, which are encrypted together with its secret."""
    changed = later.enter_context(greenroom.temporary_webhook())
    body = {"headers": [{"name": "X-Tenant", "value": "eight"}]}
    return lambda: greenroom.request("PATCH", of(changed), body).expect(200)


def deleted_webhook(greenroom: Greenroom, later: ExitStack):
    """A webhook is deleted."""
    created = greenroom.request("POST", "/webhooks", webhook_body(greenroom)).expect(201).body
    later.callback(lambda: greenroom.request("DELETE", of(created)))
    return lambda: greenroom.request("DELETE", of(created)).expect(204)


def tried_webhook(greenroom: Greenroom, later: ExitStack):
    """A webhook is tried: a signed ping is posted, and written down."""
    tried = later.enter_context(greenroom.temporary_webhook())
    return lambda: equal(greenroom.request("POST", of(tried, "/test")).expect(200).body["success"], True)


def rotated_secret(greenroom: Greenroom, later: ExitStack):
    """A webhook gets another secret."""
    rotated = later.enter_context(greenroom.temporary_webhook())
    return lambda: greenroom.request("POST", of(rotated, "/rotate-secret")).expect(200)


def reset_circuit(greenroom: Greenroom, later: ExitStack):
    """A webhook's circuit is closed."""
    reset = later.enter_context(greenroom.temporary_webhook())
    return lambda: greenroom.request("POST", of(reset, "/reset-circuit")).expect(200)


def listed_deliveries(greenroom: Greenroom, _: ExitStack):
    """A webhook's deliveries are listed."""
    return lambda: greenroom.request("GET", of(greenroom.webhook, "/deliveries")).expect(200)


def redelivery(greenroom: Greenroom, _: ExitStack):
    """An event is delivered once more, made from the interview as it stands."""
    path = urlsplit(greenroom.webhook["url"]).path
    test = greenroom.request("POST", "/interviews", INTERVIEW | {"isTest": True}).expect(201).body
    [post, *_] = greenroom.receiver.arrived(
        path, 1, where=lambda post: post.payload["data"].get("interviewId") == test["id"]
    )
    delivery = post.payload["deliveryId"]
    wait_until_delivered(greenroom, delivery)
    return lambda: greenroom.request("POST", of(greenroom.webhook, f"/deliveries/{delivery}/redeliver")).expect(202)


def webhook_body(greenroom: Greenroom) -> dict:
    return {"url": greenroom.receiver.url(f"/{uuid.uuid4()}"), "events": EVENTS}


# --- From the table's stream to the queue --------------------------------------------------------


def changed_interview(greenroom: Greenroom, _: ExitStack):
    """An interview gets metadata."""
    created = greenroom.request("POST", "/interviews", to_come()).expect(201).body
    patch = {"metadata": {"use": str(uuid.uuid4())}}
    return lambda: greenroom.request("PATCH", f"/interviews/{created['id']}", patch).expect(200)


def changed_interview_of_system(greenroom: Greenroom, _: ExitStack):
    """A system changes an interview of a company, if it manages that still when the interview is written."""
    of_company = f"?companyId={greenroom.managed_company}"
    body, key = INTERVIEW | {"isTest": True}, greenroom.system_key
    created = greenroom.request("POST", f"/interviews{of_company}", body, key=key).expect(201).body
    path, patch = f"/interviews/{created['id']}{of_company}", {"metadata": {"use": str(uuid.uuid4())}}
    return lambda: greenroom.request("PATCH", path, patch, key=key).expect(200)


def cancelled_interview(greenroom: Greenroom, _: ExitStack):
    """An interview is cancelled, and what it had reserved returns."""
    created = greenroom.request("POST", "/interviews", to_come()).expect(201).body
    return lambda: greenroom.request("POST", f"/interviews/{created['id']}/cancel").expect(200)


def cancelled_interview_of_closed_month(greenroom: Greenroom, _: ExitStack):
    """The same, of one that was reserved in a month that nothing is kept of: the closed months are looked through."""
    created = greenroom.request("POST", "/interviews", to_come()).expect(201).body
    reserve_in_closed_month(greenroom, created)
    return lambda: greenroom.request("POST", f"/interviews/{created['id']}/cancel").expect(200)


def reserve_in_closed_month(greenroom: Greenroom, interview: dict):
    """Has an interview be reserved in a month that nothing is kept of."""
    greenroom.stack.emulator.client("dynamodb").update_item(
        TableName=greenroom.table,
        Key={"PK": {"S": f"INTERVIEW#{interview['id']}"}, "SK": {"S": "INTERVIEW"}},
        UpdateExpression="SET reservation.#period = :period",
        ExpressionAttributeNames={"#period": "period"},
        ExpressionAttributeValues={":period": {"S": "2020-01"}},
    )


def deleted_interview(greenroom: Greenroom, _: ExitStack):
    """An interview that is over is deleted, with its transcript."""
    created = greenroom.request("POST", "/interviews", INTERVIEW | {"isTest": True}).expect(201).body
    return lambda: greenroom.request("DELETE", f"/interviews/{created['id']}").expect(204)


def erasure(greenroom: Greenroom, _: ExitStack):
    """A pass over a deleted candidate's interviews, one of which is over."""
    return erasing(greenroom, [greenroom.request("POST", "/interviews", INTERVIEW | {"isTest": True}).expect(201).body])


def erasure_of_interviews_to_come(greenroom: Greenroom, _: ExitStack):
    """A pass over a deleted candidate's interviews that are to come: what they had reserved returns, one of it to a month
    that nothing is kept of."""
    created = greenroom.request("POST", "/interviews", to_come()).expect(201).body
    same = {name: created[name] for name in ("candidateId", "agentId", "jobId")}
    same["scheduleTime"] = to_come()["scheduleTime"]
    other = greenroom.request("POST", "/interviews", same).expect(201).body
    reserve_in_closed_month(greenroom, other)
    return erasing(greenroom, [created, other])


def erasing(greenroom: Greenroom, interviews: list[dict]):
    """A pass over the interviews of a candidate, who is deleted."""
    candidate = interviews[0]["candidateId"]
    greenroom.request("DELETE", f"/candidates/{candidate}").expect(204)
    image = item(greenroom, {"PK": {"S": f"CANDIDATE#{candidate}"}, "SK": {"S": "CANDIDATE"}})
    [record] = json.loads(Path("events/erase.json").read_text())["Records"]
    record["dynamodb"]["NewImage"] = image

    def erase():
        equal(invoke(greenroom, "EraseFunctionName", {"Records": [record]}), {"batchItemFailures": []})
        for interview in interviews:
            key = {"PK": {"S": f"INTERVIEW#{interview['id']}"}, "SK": {"S": "INTERVIEW"}}
            assert "erasedAt" in item(greenroom, key), "an interview is not erased"

    return erase


def announcement(greenroom: Greenroom, _: ExitStack):
    """A batch of the stream is announced to the company's webhook."""
    event = stream_event(greenroom, UNKNOWN_ID)
    return lambda: equal(invoke(greenroom, "PublishEventsFunctionName", event), {"batchItemFailures": []})


def stream_event(greenroom: Greenroom, *interviews: str) -> dict:
    """A batch of the table's stream, in which test interviews of the company have ended."""
    [example] = json.loads(Path("events/publish-events.json").read_text())["Records"]
    image = example["dynamodb"]["NewImage"]
    records = []
    for number, interview_id in enumerate(interviews):
        text = json.dumps(example).replace(image["id"]["S"], interview_id)
        record = json.loads(text.replace(image["companyId"]["S"], greenroom.company))
        record["dynamodb"]["SequenceNumber"] = str(100_000_000_000_000_000_000 + number)
        records.append(record)
    return {"Records": records}


def announced(greenroom: Greenroom) -> str:
    """Has a test interview announced from the stream; answers with its id once that waits in the queue, whose mapping
    must be off."""
    sqs, outputs = greenroom.stack.emulator.client("sqs"), greenroom.stack.outputs()
    def waiting() -> int:
        answer = sqs.get_queue_attributes(
            QueueUrl=outputs["DeliveryQueueUrl"], AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])
    before = waiting()
    created = greenroom.request("POST", "/interviews", INTERVIEW | {"isTest": True}).expect(201).body["id"]
    wait_until(lambda: waiting() >= before + len(EVENTS), "a test interview is announced")
    return created


def delivered(greenroom: Greenroom, interview_id: str):
    """Waits until both events of an interview are delivered."""
    posts = greenroom.receiver.arrived(
        urlsplit(greenroom.webhook["url"]).path, 2,
        where=lambda post: post.payload["data"].get("interviewId") == interview_id,
    )
    for post in posts:
        wait_until_delivered(greenroom, post.payload["deliveryId"])


def wait_until(is_so: Callable[[], bool], what: str):
    """Waits until something is so."""
    deadline = time.monotonic() + WAIT_S
    while not is_so():
        assert time.monotonic() < deadline, f"not so within {WAIT_S} s: {what}"
        time.sleep(0.1)


# --- From the queue to the endpoints -------------------------------------------------------------


def delivery(greenroom: Greenroom, later: ExitStack):
    """An event is posted, signed, and written down."""
    return delivering(greenroom, later, "/", ["DELIVERED"])


def delivery_of_analysis(greenroom: Greenroom, later: ExitStack):
    """An analysis whose announcement has waited is told as the interview has it."""
    interview = greenroom.request("POST", "/interviews", INTERVIEW | {"isTest": True}).expect(201).body["id"]

    def without_analysis(greenroom: Greenroom, receiving: dict) -> str:
        waited = json.loads(job(greenroom, receiving)) | {"event": "analysis.completed", "interviewId": interview}
        del waited["data"]
        return json.dumps(waited)

    return delivering(greenroom, later, "/", ["DELIVERED"], without_analysis)


def failed_delivery(greenroom: Greenroom, later: ExitStack):
    """An endpoint fails: that is counted in its webhook, and the message put off."""
    return delivering(greenroom, later, "/answers/500/", ["BAD_STATUS"])


def failed_deliveries_at_once(greenroom: Greenroom, later: ExitStack):
    """Two deliveries to a webhook fail at the same time: the one that is counted later reads the webhook again."""
    return delivering(greenroom, later, "/answers/500/together/", ["BAD_STATUS", "BAD_STATUS"])


def gone_endpoint(greenroom: Greenroom, later: ExitStack):
    """An endpoint is gone for good: its webhook is paused, also in its owner's list."""
    return delivering(greenroom, later, "/answers/410/", ["GONE"])


def unreadable_message(greenroom: Greenroom, later: ExitStack):
    """A message that nobody can read is put among the dead letters."""
    batch = queued(greenroom, ["{}"])
    return lambda: equal(invoke(greenroom, "DeliverWebhookFunctionName", batch), {"batchItemFailures": []})


def delivering(
    greenroom: Greenroom, later: ExitStack, path: str, outcomes: list[str],
    new_job: Callable[[Greenroom, dict], str] | None = None,
):
    """Delivers to a webhook of its own, at that path of the receiver; outcomes are as the log has them, and no line
    of it may tell of an error."""
    url = greenroom.receiver.url(f"{path}{uuid.uuid4()}")
    receiving = later.enter_context(greenroom.temporary_webhook(url=url))
    batch = queued(greenroom, [(new_job or job)(greenroom, receiving) for _ in outcomes])

    def deliver():
        invoke(greenroom, "DeliverWebhookFunctionName", batch)
        lines = log_lines(greenroom, "DeliverWebhookFunctionName", receiving["id"])
        errors = [line["error"] for line in lines if "error" in line]
        equal(([line["outcome"] for line in lines], errors), (outcomes, []))

    return deliver


def job(greenroom: Greenroom, receiving: dict) -> str:
    """A job as `publish-events` orders it, of a new delivery to a webhook."""
    [record] = json.loads(Path("events/deliver-webhook.json").read_text())["Records"]
    example = json.loads(record["body"])
    text = record["body"].replace(example["companyId"], greenroom.company)
    return json.dumps(json.loads(text) | {
        "webhookId": receiving["id"],
        "deliveryId": str(uuid.uuid4()),
        "occurredAt": rfc_3339(time.time()),
    })


def rfc_3339(seconds: float) -> str:
    """A time as the API writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(seconds))


def queued(greenroom: Greenroom, bodies: list[str]) -> dict:
    """Messages received from the queue of deliveries, as Lambda hands them to the function. Its mapping must be off."""
    sqs, outputs = greenroom.stack.emulator.client("sqs"), greenroom.stack.outputs()
    queue = outputs["DeliveryQueueUrl"]
    waiting = {
        sqs.send_message(QueueUrl=queue, MessageBody=body, MessageGroupId=str(uuid.uuid4()))["MessageId"]
        for body in bodies
    }
    records = []
    for _ in range(30):
        # Others' messages, which were put off, may come in between; they stay where they are.
        answer = sqs.receive_message(
            QueueUrl=queue, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"], WaitTimeSeconds=1
        )
        for message in answer.get("Messages", []):
            if message["MessageId"] in waiting:
                waiting.remove(message["MessageId"])
                records.append({
                    "messageId": message["MessageId"],
                    "receiptHandle": message["ReceiptHandle"],
                    "body": message["Body"],
                    "attributes": message["Attributes"],
                    "messageAttributes": {},
                    "md5OfBody": message["MD5OfBody"],
                    "eventSource": "aws:sqs",
                    "eventSourceARN": outputs["DeliveryQueueArn"],
                    "awsRegion": sqs.meta.region_name,
                })
        if not waiting:
            return {"Records": records}
    raise AssertionError(f"{len(waiting)} of {len(bodies)} messages can't be received: is the queue's mapping off?")


# --- What waits in the table ---------------------------------------------------------------------


def due_delivery(greenroom: Greenroom, later: ExitStack):
    """A delivery that waited is sent to the queue, and waits no more."""
    receiving = later.enter_context(greenroom.temporary_webhook())
    keys = wait_in_table(greenroom, receiving)

    def sweep():
        invoke(greenroom, "SweepFunctionName", {})
        equal([item(greenroom, key) for key in keys], [None, None])

    return sweep


def held_delivery(greenroom: Greenroom, later: ExitStack):
    """A delivery to a paused webhook goes on waiting, and is looked at again later."""
    receiving = later.enter_context(greenroom.temporary_webhook())
    greenroom.request("PATCH", of(receiving), {"isActive": False}).expect(200)
    waiting, alarm = wait_in_table(greenroom, receiving)
    due = item(greenroom, alarm)["dueAt"]

    def sweep():
        invoke(greenroom, "SweepFunctionName", {})
        assert item(greenroom, waiting), "the delivery of a paused webhook is gone"
        assert item(greenroom, alarm)["dueAt"] != due, "the alarm was not moved on"

    return sweep


def expired_candidate(greenroom: Greenroom, _: ExitStack):
    """A candidate whose data may not be kept any longer is deleted."""
    candidate = greenroom.request("POST", "/candidates", CANDIDATE).expect(201).body["id"]
    key = {"PK": {"S": f"CANDIDATE#{candidate}"}, "SK": {"S": "CANDIDATE"}}
    greenroom.stack.emulator.client("dynamodb").update_item(
        TableName=greenroom.table, Key=key, UpdateExpression="SET gdprExpiryDate = :day, GSI2SK = :due",
        ExpressionAttributeValues={":day": {"S": "2020-01-01"}, ":due": {"S": f"2020-01-02T00:00:00.000Z#{candidate}"}},
    )

    def sweep():
        invoke(greenroom, "SweepFunctionName", {})
        assert "firstName" not in item(greenroom, key), "the candidate is still there"

    return sweep


# --- Interviews that take place --------------------------------------------------------------------


def later_interview(greenroom: Greenroom, **parts: dict) -> tuple[str, dict]:
    """The id and the key of an interview that is due in a day, with these parts in place of the usual ones."""
    created = greenroom.request("POST", "/interviews", to_come() | parts).expect(201).body["id"]
    return created, {"PK": {"S": f"INTERVIEW#{created}"}, "SK": {"S": "INTERVIEW"}}


def set_interview(greenroom: Greenroom, key: dict, **attributes: dict):
    """Sets attributes of an interview, as its start or the time that has passed would have."""
    greenroom.stack.emulator.client("dynamodb").update_item(
        TableName=greenroom.table,
        Key=key,
        UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in attributes),
        ExpressionAttributeNames={f"#{name}": name for name in attributes},
        ExpressionAttributeValues={f":{name}": value for name, value in attributes.items()},
    )


def running_interview(greenroom: Greenroom, **parts: dict) -> tuple[str, dict]:
    """The same of an interview that has started, and waits for its result until next year."""
    interview_id, key = later_interview(greenroom, **parts)
    deadline = f"{datetime.now().year + 1}-01-01T00:00:00.000Z"
    set_interview(
        greenroom, key, status={"S": "IN_PROGRESS"}, deadline={"S": deadline}, GSI2SK={"S": f"{deadline}#{interview_id}"}
    )
    return interview_id, key


def due_interview(greenroom: Greenroom, _: ExitStack):
    """An interview whose time has come starts."""
    interview_id, key = later_interview(greenroom)
    past = "2020-01-01T00:00:00.000Z"
    set_interview(greenroom, key, scheduledAt={"S": past}, GSI2SK={"S": f"{past}#{interview_id}"})

    def start():
        invoke(greenroom, "StartInterviewsFunctionName", {})
        equal(item(greenroom, key)["status"], {"S": "IN_PROGRESS"})

    return start


def unheard_interview_of_closed_month(greenroom: Greenroom, _: ExitStack):
    """An interview that was reserved in another month ends without a result."""
    interview_id, key = running_interview(greenroom)
    reserve_in_closed_month(greenroom, {"id": interview_id})
    past = "2020-01-01T00:00:00.000Z"
    set_interview(greenroom, key, deadline={"S": past}, GSI2SK={"S": f"{past}#{interview_id}"})

    def end():
        invoke(greenroom, "StartInterviewsFunctionName", {})
        equal(item(greenroom, key)["status"], {"S": "FAILED"})

    return end


def handed_over_interview(greenroom: Greenroom, _: ExitStack):
    """An interview that has started is handed over, with the telephone number that its agent calls from."""
    agent = AGENT | {"type": "PHONE", "companyPhoneNumberId": greenroom.phone_number}
    _, key = running_interview(greenroom, agent=agent, candidate=CANDIDATE | {"phoneNumber": "+421907654321"})
    [record] = json.loads(Path("events/start-interviews-stream.json").read_text())["Records"]
    image = item(greenroom, key)
    record["dynamodb"]["NewImage"] = image
    record["dynamodb"]["OldImage"] = image | {"status": {"S": "SCHEDULED"}}
    event = {"Records": [record]}
    return lambda: equal(invoke(greenroom, "StartInterviewsFunctionName", event), {"batchItemFailures": []})


def result_event(interview_id: str) -> dict:
    """A batch of the queue of results, by which an interview took a minute."""
    [record] = json.loads(Path("events/record-result.json").read_text())["Records"]
    record["body"] = json.dumps({
        "version": 1, "interviewId": interview_id, "event": "completed", "startedAt": "2026-05-15T11:00:00Z",
        "endedAt": "2026-05-15T11:01:00Z", "durationSeconds": 60,
        "transcript": [{"speaker": "AGENT", "text": "Good morning.", "startSeconds": 0, "endSeconds": 2}],
    })
    return {"Records": [record]}


def result(greenroom: Greenroom, _: ExitStack):
    """What became of an interview is recorded, with its transcript."""
    return recording(greenroom, *running_interview(greenroom))


def result_of_closed_month(greenroom: Greenroom, _: ExitStack):
    """The same of an interview that was reserved in a month that nothing is kept of, and is to keep no content."""
    interview_id, key = running_interview(greenroom)
    reserve_in_closed_month(greenroom, {"id": interview_id})
    set_interview(greenroom, key, cancelRequestedAt={"S": "2026-05-15T11:00:00.000Z"})
    return recording(greenroom, interview_id, key)


def recording(greenroom: Greenroom, interview_id: str, key: dict):
    """Records a result."""

    def record():
        equal(invoke(greenroom, "RecordResultFunctionName", result_event(interview_id)), {"batchItemFailures": []})
        assert "settlement" in item(greenroom, key), "the interview is not settled"

    return record


def unrecordable_result(greenroom: Greenroom, _: ExitStack):
    """A result that nobody can read is put among the dead letters."""
    event = result_event(UNKNOWN_ID)
    event["Records"][0]["body"] = "{}"
    return lambda: equal(invoke(greenroom, "RecordResultFunctionName", event), {"batchItemFailures": []})


def wait_in_table(greenroom: Greenroom, receiving: dict) -> list[dict]:
    """Has a delivery to a webhook wait, and be due. Returns the keys of its item and of the alarm's."""
    text, due = job(greenroom, receiving), rfc_3339(time.time() - 1)
    partition, delivery = {"S": f"WEBHOOK#{receiving['id']}"}, json.loads(text)["deliveryId"]
    common = {
        "version": {"N": "1"}, "webhookId": {"S": receiving["id"]}, "dueAt": {"S": due}, "createdAt": {"S": due},
        "updatedAt": {"S": due},
    }
    waiting = {"PK": partition, "SK": {"S": f"WAITING#{due}#{delivery}"}}
    alarm = {"PK": partition, "SK": {"S": "ALARM"}}
    db = greenroom.stack.emulator.client("dynamodb")
    db.put_item(TableName=greenroom.table, Item=waiting | common | {
        "entityType": {"S": "WaitingDelivery"}, "deliveryId": {"S": delivery}, "job": {"S": text},
        "givesUpAt": {"S": rfc_3339(time.time() + 86_400)}, "expiresAt": {"N": str(int(time.time()) + 86_400)},
    })
    shard = uuid.UUID(receiving["id"]).bytes[15] % 16
    db.put_item(TableName=greenroom.table, Item=alarm | common | {
        "entityType": {"S": "WebhookAlarm"}, "waiting": {"N": "1"},
        "GSI2PK": {"S": f"ALARM#{shard:02}"}, "GSI2SK": {"S": f"{due}#{receiving['id']}"},
    })
    return [waiting, alarm]


def item(greenroom: Greenroom, key: dict) -> dict | None:
    """An item of the table, if it exists."""
    answer = greenroom.stack.emulator.client("dynamodb").get_item(
        TableName=greenroom.table, Key=key, ConsistentRead=True
    )
    return answer.get("Item")


def restart(greenroom: Greenroom, function: str):
    """The function's next request is answered by a new process, which remembers no data key."""
    functions = greenroom.stack.emulator.client("lambda")
    # The emulator keeps a process if nothing but the description changes, and AWS makes no version if nothing does.
    memory = functions.get_function_configuration(FunctionName=function)["MemorySize"]
    functions.update_function_configuration(FunctionName=function, MemorySize=memory, Description=str(uuid.uuid4()))
    for alias in functions.list_aliases(FunctionName=function)["Aliases"]:
        version = functions.publish_version(FunctionName=function)["Version"]
        functions.update_alias(FunctionName=function, Name=alias["Name"], FunctionVersion=version)


@contextmanager
def off(greenroom: Greenroom, output: str | None) -> Iterator[None]:
    """A mapping, named by an output of the stack, is off for as long as the `with` lasts."""
    if output is None:
        yield
        return
    functions, mapping = greenroom.stack.emulator.client("lambda"), greenroom.stack.outputs()[output]
    functions.update_event_source_mapping(UUID=mapping, Enabled=False)
    try:
        yield
    finally:
        functions.update_event_source_mapping(UUID=mapping, Enabled=True)


def invoke(greenroom: Greenroom, output: str, event: dict) -> dict:
    """Invokes a function, named by an output of the stack, as its mapping does: in the version of its alias, if any."""
    name, functions = greenroom.stack.outputs()[output], greenroom.stack.emulator.client("lambda")
    aliases = functions.list_aliases(FunctionName=name)["Aliases"]
    qualifier = {"Qualifier": alias["FunctionVersion"] for alias in aliases}
    answer = functions.invoke(FunctionName=name, Payload=json.dumps(event).encode(), **qualifier)
    payload = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise AssertionError(f"{name} ended with {payload}")
    return payload


def log_lines(greenroom: Greenroom, output: str, word: str) -> list[dict]:
    """The lines of a function's log that hold a word; the function is named by an output of the stack."""
    found = log_events(greenroom, greenroom.stack.outputs()[output])
    return [json.loads(message) for message in found if word in message and message.startswith("{")]


def log_events(greenroom: Greenroom, function: str, since: float = 0) -> list[str]:
    """A function's log, from a time in seconds on."""
    pages = greenroom.stack.emulator.client("logs").get_paginator("filter_log_events").paginate(
        logGroupName=f"/aws/lambda/{function}", startTime=int(since * 1000)
    )
    return [event["message"] for page in pages for event in page["events"]]
