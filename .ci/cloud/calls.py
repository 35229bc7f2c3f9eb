"""What is tried of each route, and of what follows from it in the background.

Each function says in its doc comment what it shows, and raises an AssertionError if that does not hold. They depend on
nothing but the deployed stack, so any of them can be called at any time, and as often as wanted.
"""

import json
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from urllib.parse import urlsplit

from cloud.greenroom import Greenroom
from cloud.receiver import Post

AGENT = {"name": "Screening", "type": "ONLINE", "focus": "SCREENING", "language": "EN", "duration": 15}
CANDIDATE = {"firstName": "Jane", "lastName": "Doe", "email": "jane@example.com", "gdprExpiryDate": "2090-12-31"}
JOB = {"title": "Software engineer"}
INTERVIEW = {"candidate": CANDIDATE, "agent": AGENT, "job": JOB}
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
EVENTS = ["analysis.completed", "interview.completed"]


def to_come() -> dict:
    """An interview that does not start before tomorrow."""
    return INTERVIEW | {"scheduleTime": (datetime.now(timezone.utc) + timedelta(days=1)).isoformat()}


def create_agent(greenroom: Greenroom):
    """201 online and by telephone, 400 of a body, 401 without a key, 403 of another company."""
    created = greenroom.request("POST", "/agents", AGENT).expect(201)
    equal(created.body["companyId"], greenroom.company)
    equal(created.headers["location"], f"/agents/{created.body['id']}")
    by_phone = AGENT | {"type": "PHONE", "companyPhoneNumberId": greenroom.phone_number}
    greenroom.request("POST", "/agents", by_phone).expect(201)
    greenroom.request("POST", "/agents", AGENT | {"duration": 0}).expect(400, "VALIDATION_FAILED")
    greenroom.request("POST", "/agents", AGENT, key=None).expect(401, "INVALID_API_KEY")
    of_company = "/agents?companyId="
    greenroom.request("POST", of_company + greenroom.managed_company, AGENT, key=greenroom.system_key).expect(201)
    greenroom.request("POST", of_company + greenroom.company, AGENT, key=greenroom.system_key).expect(
        403, "RESOURCE_ACCESS_DENIED"
    )


def change_agent(greenroom: Greenroom):
    """200 of a part and of a number, 400 of the result, 403 of another company, and 404."""
    created = greenroom.request("POST", "/agents", AGENT | {"instructions": "Be kind."}).expect(201)
    path = f"/agents/{created.body['id']}"
    changed = greenroom.request("PATCH", path, {"duration": 45, "instructions": None}).expect(200)
    equal(changed.body["duration"], 45)
    equal(changed.body.get("instructions"), None)
    by_phone = {"type": "PHONE", "companyPhoneNumberId": greenroom.phone_number}
    greenroom.request("PATCH", path, by_phone).expect(200)
    greenroom.request("PATCH", path, {"companyPhoneNumberId": None}).expect(400, "VALIDATION_FAILED")
    greenroom.request("PATCH", path, {"companyPhoneNumberId": UNKNOWN_ID}).expect(404, "RESOURCE_NOT_FOUND")
    greenroom.request("PATCH", f"/agents/{UNKNOWN_ID}", {}).expect(404, "RESOURCE_NOT_FOUND")
    of_system = f"{path}?companyId={greenroom.managed_company}"
    greenroom.request("PATCH", of_system, {}, key=greenroom.system_key).expect(403, "RESOURCE_ACCESS_DENIED")


def delete_agent(greenroom: Greenroom):
    """204, and then 404 of whatever names it."""
    created = greenroom.request("POST", "/agents", AGENT).expect(201)
    path = f"/agents/{created.body['id']}"
    greenroom.request("DELETE", path).expect(204)
    greenroom.request("DELETE", path).expect(404, "RESOURCE_NOT_FOUND")
    interview = INTERVIEW | {"agent": None, "agentId": created.body["id"]}
    greenroom.request("POST", "/interviews", interview).expect(404, "RESOURCE_NOT_FOUND")


def create_candidate(greenroom: Greenroom):
    """201 with and without jobs, a replay, 400 of a body, 404 of a job."""
    idempotency_key = str(uuid.uuid4())
    created = greenroom.request("POST", "/candidates", CANDIDATE, idempotency_key=idempotency_key).expect(201)
    equal(created.headers["location"], f"/candidates/{created.body['id']}")
    replayed = greenroom.request("POST", "/candidates", CANDIDATE, idempotency_key=idempotency_key).expect(201)
    equal(replayed.body, created.body)
    job = greenroom.request("POST", "/jobs", JOB).expect(201).body["id"]
    assigned = greenroom.request("POST", "/candidates", CANDIDATE | {"jobIds": [job]}).expect(201)
    equal(assigned.body["jobIds"], [job])
    greenroom.request("POST", "/candidates", CANDIDATE | {"email": None}).expect(400, "VALIDATION_FAILED")
    greenroom.request("POST", "/candidates", CANDIDATE | {"jobId": UNKNOWN_ID}).expect(404, "RESOURCE_NOT_FOUND")


def change_candidate(greenroom: Greenroom):
    """200 of a status and of jobs, 400 of the result, 404 of a job."""
    path = f"/candidates/{greenroom.request('POST', '/candidates', CANDIDATE).expect(201).body['id']}"
    job = greenroom.request("POST", "/jobs", JOB).expect(201).body["id"]
    changed = greenroom.request("PATCH", path, {"status": "IN_PROCESS", "jobIds": [job]}).expect(200)
    equal((changed.body["status"], changed.body["jobIds"]), ("IN_PROCESS", [job]))
    greenroom.request("PATCH", path, {"email": None}).expect(400, "VALIDATION_FAILED")
    greenroom.request("PATCH", path, {"jobIds": [UNKNOWN_ID]}).expect(404, "RESOURCE_NOT_FOUND")


def create_job(greenroom: Greenroom):
    """201, 400 of a body, and 201 for a company of a system."""
    created = greenroom.request("POST", "/jobs", JOB).expect(201)
    equal(created.headers["location"], f"/jobs/{created.body['id']}")
    greenroom.request("POST", "/jobs", {"title": "Lead"}).expect(400, "VALIDATION_FAILED")
    of_system = f"/jobs?companyId={greenroom.managed_company}"
    greenroom.request("POST", of_system, JOB, key=greenroom.system_key).expect(201)


def change_job(greenroom: Greenroom):
    """200, 400 of the result, 404."""
    path = f"/jobs/{greenroom.request('POST', '/jobs', JOB).expect(201).body['id']}"
    changed = greenroom.request("PATCH", path, {"status": "CLOSED", "salary": {"min": 1500}}).expect(200)
    equal(changed.body["status"], "CLOSED")
    greenroom.request("PATCH", path, {"salary": {"max": 1000}}).expect(400, "VALIDATION_FAILED")
    greenroom.request("PATCH", f"/jobs/{UNKNOWN_ID}", {}).expect(404, "RESOURCE_NOT_FOUND")


def delete_job(greenroom: Greenroom):
    """204, and then the candidate counts as not assigned."""
    job = greenroom.request("POST", "/jobs", JOB).expect(201).body["id"]
    candidate = greenroom.request("POST", "/candidates", CANDIDATE | {"jobId": job}).expect(201).body["id"]
    greenroom.request("DELETE", f"/jobs/{job}").expect(204)
    greenroom.request("DELETE", f"/jobs/{job}").expect(404, "RESOURCE_NOT_FOUND")
    interview = {"candidateId": candidate, "agent": AGENT}
    greenroom.request("POST", "/interviews", interview).expect(400, "JOB_REQUIRED")


def create_interview(greenroom: Greenroom):
    """201 billed, by telephone, of what exists and as a test; a replay; 400 of a body; 403 of another company or
    without the scope; and the books agree."""
    before = greenroom.books()
    idempotency_key = str(uuid.uuid4())
    # One that is due at once may have started before it is asked for again.
    later = to_come()
    created = greenroom.request("POST", "/interviews", later, idempotency_key=idempotency_key).expect(201)
    equal(created.body["status"], "SCHEDULED")
    replayed = greenroom.request("POST", "/interviews", later, idempotency_key=idempotency_key).expect(201)
    equal(replayed.headers.get("idempotent-replayed"), "true")
    equal(replayed.body, created.body)
    changed = later | {"job": {"title": "Another"}}
    greenroom.request("POST", "/interviews", changed, idempotency_key=idempotency_key).expect(
        422, "IDEMPOTENCY_KEY_REUSED"
    )
    existing = {name: created.body[name] for name in ("candidateId", "agentId", "jobId")}
    again = greenroom.request("POST", "/interviews", existing).expect(201)
    equal({name: again.body[name] for name in existing}, existing)
    # A further job of the candidate.
    further = {name: created.body[name] for name in ("candidateId", "agentId")} | {"job": JOB}
    greenroom.request("POST", "/interviews", further).expect(201)
    by_phone = {"type": "PHONE", "companyPhoneNumberId": greenroom.phone_number}
    called = INTERVIEW | {"agent": AGENT | by_phone, "candidate": CANDIDATE | {"phoneNumber": "+421907654321"}}
    greenroom.request("POST", "/interviews", called).expect(201)
    test = greenroom.request("POST", "/interviews", INTERVIEW | {"isTest": True}).expect(201)
    equal(test.body["status"], "COMPLETED")

    after = greenroom.books()
    equal(after["reserved"] - before["reserved"], 4 * AGENT["duration"])
    equal(after["granted"], after["remaining"] + after["reserved"] + after["used"])

    greenroom.request("POST", "/interviews", {"candidate": {}}).expect(400, "VALIDATION_FAILED")
    foreign = f"/interviews?companyId={greenroom.managed_company}"
    greenroom.request("POST", foreign, existing, key=greenroom.system_key).expect(403, "RESOURCE_ACCESS_DENIED")
    greenroom.request("POST", "/interviews", INTERVIEW, key=greenroom.key_for_agents).expect(
        403, "INSUFFICIENT_PERMISSIONS"
    )
    equal(greenroom.books(), after)


def read_resources(greenroom: Greenroom):
    """Everything that a test interview brings along is read under the version that it was created as, listed, and read
    again as known; 403 of another company, 404 of what there is not."""
    created = greenroom.request("POST", "/interviews", INTERVIEW | {"isTest": True}).expect(201)
    shown = greenroom.request("GET", f"/interviews/{created.body['id']}").expect(200)
    equal((shown.body, shown.headers["etag"]), (created.body, created.headers["etag"]))
    transcript = greenroom.request("GET", f"/interviews/{created.body['id']}/transcript").expect(200).body
    assert transcript["segments"], transcript
    for path, name in (("agents", "agentId"), ("candidates", "candidateId"), ("jobs", "jobId"), ("interviews", "id")):
        shown = greenroom.request("GET", f"/{path}/{created.body[name]}").expect(200)
        equal(shown.body["id"], created.body[name])
        listed = wait_until_listed(greenroom, f"/{path}", created.body[name])
        equal(listed["createdAt"], shown.body["createdAt"])
        greenroom.request("GET", f"/{path}/{UNKNOWN_ID}").expect(404, "RESOURCE_NOT_FOUND")
        foreign = f"/{path}/{created.body[name]}?companyId={greenroom.managed_company}"
        greenroom.request("GET", foreign, key=greenroom.system_key).expect(403, "RESOURCE_ACCESS_DENIED")
        greenroom.request("GET", f"/{path}?limit=0").expect(400, "VALIDATION_FAILED")
    of_candidate = wait_until_listed(greenroom, f"/interviews?candidateId={created.body['candidateId']}", created.body["id"])
    equal(of_candidate["jobId"], created.body["jobId"])
    wait_until_listed(greenroom, f"/interviews?jobId={created.body['jobId']}", created.body["id"])
    rare = uuid.uuid4().hex
    names = {"firstName": f"Á{rare}", "lastName": f"É{rare}", "email": f"{rare}@example.com"}
    candidate = greenroom.request("POST", "/candidates", CANDIDATE | names).expect(201).body["id"]
    for beginning in (f"a{rare}", f"E{rare}", rare.upper()):
        wait_until_listed(greenroom, f"/candidates?search={beginning}", candidate)
    greenroom.request("GET", "/candidates?search=").expect(400, "VALIDATION_FAILED")


def read_company(greenroom: Greenroom):
    """The company of the key, and its telephone numbers."""
    equal(greenroom.request("GET", "/company").expect(200).body["id"], greenroom.company)
    numbers = greenroom.request("GET", "/phone-numbers").expect(200).body["items"]
    assert greenroom.phone_number in [number["id"] for number in numbers], numbers

def read_usage(greenroom: Greenroom):
    """The usage of the company, and of those of a system; 400 of days in the wrong order, 403 of another company."""
    of_company = lambda answer: [company["companyId"] for company in answer.body["companies"]]
    equal(of_company(greenroom.request("GET", "/billing/usage").expect(200)), [greenroom.company])
    of_system = greenroom.request("GET", "/billing/usage", key=greenroom.system_key).expect(200)
    assert greenroom.managed_company in of_company(of_system), of_system.body
    wrong = "/billing/usage?start=2026-11-22&end=2026-11-21"
    greenroom.request("GET", wrong).expect(400, "VALIDATION_FAILED")
    foreign = f"/billing/usage?companyId={greenroom.company}"
    greenroom.request("GET", foreign, key=greenroom.system_key).expect(403, "RESOURCE_ACCESS_DENIED")


def manage_companies(greenroom: Greenroom):
    """201 for a system, a replay, a change, a list that has the company; it has minutes and its system acts for it; 403 for a
    company's key and of a company of nobody, 400 of a body."""
    key, company = greenroom.system_key, {"name": "Branch", "metadata": {"branch": 7}}
    idempotency_key = str(uuid.uuid4())

    def request(method: str, path: str, body: object = None, **options: str):
        return greenroom.request(method, path, body, key=key, **options)

    created = request("POST", "/companies", company, idempotency_key=idempotency_key).expect(201)
    path = f"/companies/{created.body['id']}"
    equal((created.headers["location"], created.body["plan"]), (path, "TRIAL"))
    replayed = request("POST", "/companies", company, idempotency_key=idempotency_key).expect(201)
    equal((replayed.headers.get("idempotent-replayed"), replayed.body), ("true", created.body))
    equal(request("GET", path).expect(200).body, created.body)
    changed = request("PATCH", path, {"name": "Branch of the east", "metadata": None}).expect(200).body
    equal((changed["name"], changed.get("metadata")), ("Branch of the east", None))
    for _ in range(50):
        if changed in request("GET", "/companies?limit=100").expect(200).body["items"]:
            break
        time.sleep(0.2)
    else:
        raise AssertionError(f"{path} is not listed")
    equal(greenroom.admin("company", "show", created.body["id"])["minutes"]["remaining"], 60)
    of_company = f"?companyId={created.body['id']}"
    request("POST", f"/interviews{of_company}", INTERVIEW).expect(201)

    request("POST", "/companies", {"name": "B"}).expect(400, "VALIDATION_FAILED")
    for foreign in (greenroom.company, UNKNOWN_ID):
        request("GET", f"/companies/{foreign}").expect(403, "RESOURCE_ACCESS_DENIED")
        request("PATCH", f"/companies/{foreign}", {}).expect(403, "RESOURCE_ACCESS_DENIED")
    for method, body in (("GET", None), ("POST", company)):
        greenroom.request(method, "/companies", body).expect(403, "INSUFFICIENT_PERMISSIONS")


def change_interview(greenroom: Greenroom):
    """Another time and metadata; 400 of a time that has passed, 404 of an unknown one."""
    interview = greenroom.request("POST", "/interviews", to_come()).expect(201).body
    path = f"/interviews/{interview['id']}"
    at = (datetime.now(timezone.utc) + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    patch = {"scheduleTime": at, "metadata": {"round": 2}}
    changed = greenroom.request("PATCH", path, patch).expect(200).body
    equal((changed["scheduledAt"], changed["metadata"]), (at, {"round": 2}))
    passed = {"scheduleTime": "2020-01-01T00:00:00Z"}
    greenroom.request("PATCH", path, passed).expect(400, "VALIDATION_FAILED")
    greenroom.request("PATCH", f"/interviews/{UNKNOWN_ID}", patch).expect(404, "RESOURCE_NOT_FOUND")


def cancel_interview(greenroom: Greenroom):
    """CANCELLED, twice the same, and what was reserved returns once; 409 of a test interview."""
    interview = greenroom.request("POST", "/interviews", to_come()).expect(201).body
    before = greenroom.books()
    for _ in range(2):
        cancelled = greenroom.request("POST", f"/interviews/{interview['id']}/cancel").expect(200).body
        equal(cancelled["status"], "CANCELLED")
    after = greenroom.books()
    equal(before["reserved"] - after["reserved"], AGENT["duration"])
    equal(after["granted"], after["remaining"] + after["reserved"] + after["used"])
    test = greenroom.request("POST", "/interviews", INTERVIEW | {"isTest": True}).expect(201).body
    greenroom.request("POST", f"/interviews/{test['id']}/cancel").expect(409, "INVALID_STATE")


def delete_interview(greenroom: Greenroom):
    """204, one that is to come and one that is over; then they are gone."""
    for body in (to_come(), INTERVIEW | {"isTest": True}):
        path = f"/interviews/{greenroom.request('POST', '/interviews', body).expect(201).body['id']}"
        greenroom.request("DELETE", path).expect(204)
        greenroom.request("DELETE", path).expect(404, "RESOURCE_NOT_FOUND")


def delete_candidate(greenroom: Greenroom):
    """204, and the candidate can't be named any more; their interviews are erased, and what they had reserved returns."""
    before = greenroom.books()
    created = greenroom.request("POST", "/interviews", to_come()).expect(201).body
    path = f"/candidates/{created['candidateId']}"
    greenroom.request("DELETE", path).expect(204)
    greenroom.request("DELETE", path).expect(404, "RESOURCE_NOT_FOUND")
    again = {name: created[name] for name in ("candidateId", "agentId", "jobId")}
    greenroom.request("POST", "/interviews", again).expect(404, "RESOURCE_NOT_FOUND")
    for _ in range(300):
        if greenroom.books() == before:
            return
        time.sleep(0.2)
    raise AssertionError(f"not erased: {greenroom.books()} is not {before}")


def no_route(greenroom: Greenroom):
    """404 of an unknown path, 405 of an unknown method."""
    greenroom.request("GET", "/nothing").expect(404, "ROUTE_NOT_FOUND")
    refused = greenroom.request("DELETE", "/agents").expect(405, "METHOD_NOT_ALLOWED")
    equal(sorted(refused.headers["allow"].split(", ")), ["GET", "POST"])


def create_webhook(greenroom: Greenroom):
    """201 with a secret, its headers' values hidden; 400 of a body, 403 without the scope."""
    with greenroom.temporary_webhook(headers=[{"name": "X-Tenant", "value": "seven"}]) as webhook:
        equal(webhook["signingSecret"][:6], "whsec_")
        equal(webhook["headers"], [{"name": "X-Tenant", "value": "********"}])
    greenroom.request("POST", "/webhooks", {"url": "none"}).expect(400, "VALIDATION_FAILED")
    body = {"url": greenroom.receiver.url("/"), "events": EVENTS}
    greenroom.request("POST", "/webhooks", body, key=greenroom.key_for_agents).expect(403, "INSUFFICIENT_PERMISSIONS")


def list_webhooks(greenroom: Greenroom):
    """The company's webhook is among them."""
    listed = greenroom.request("GET", "/webhooks").expect(200)
    assert greenroom.webhook["id"] in [webhook["id"] for webhook in listed.body["items"]], listed


def get_webhook(greenroom: Greenroom):
    """200 without the secret; 403 with the key of a system, 404 of an unknown one."""
    shown = greenroom.request("GET", of(greenroom.webhook)).expect(200).body
    equal(shown["url"], greenroom.webhook["url"])
    assert "signingSecret" not in shown, shown
    greenroom.request("GET", of(greenroom.webhook), key=greenroom.system_key).expect(403, "RESOURCE_ACCESS_DENIED")
    greenroom.request("GET", f"/webhooks/{UNKNOWN_ID}").expect(404, "RESOURCE_NOT_FOUND")


def change_webhook(greenroom: Greenroom):
    """Other headers, which the next post carries, and a pause."""
    with greenroom.temporary_webhook() as webhook:
        headers = [{"name": "X-Tenant", "value": "eight"}]
        greenroom.request("PATCH", of(webhook), {"headers": headers}).expect(200)
        ping = ping_of(greenroom, webhook)
        equal(ping.headers["x-tenant"], "eight")
        paused = greenroom.request("PATCH", of(webhook), {"isActive": False}).expect(200).body
        equal(paused["isActive"], False)


def delete_webhook(greenroom: Greenroom):
    """204, and it is gone."""
    with greenroom.temporary_webhook() as webhook:
        pass
    greenroom.request("GET", of(webhook)).expect(404, "RESOURCE_NOT_FOUND")


def test_webhook(greenroom: Greenroom):
    """A ping arrives, signed, before the answer."""
    with greenroom.temporary_webhook() as webhook:
        ping_of(greenroom, webhook)


def rotate_webhook_secret(greenroom: Greenroom):
    """Both secrets verify what is posted after that."""
    with greenroom.temporary_webhook() as webhook:
        rotated = greenroom.request("POST", of(webhook, "/rotate-secret")).expect(200).body
        ping = ping_of(greenroom, webhook)
        assert ping.is_signed_with(rotated["signingSecret"]), "the new secret does not sign"


def reset_webhook_circuit(greenroom: Greenroom):
    """The circuit is closed."""
    reset = greenroom.request("POST", of(greenroom.webhook, "/reset-circuit")).expect(200).body
    equal(reset["circuit"]["state"], "CLOSED")


def list_webhook_deliveries(greenroom: Greenroom):
    """What has just been delivered is among them, as delivered."""
    [post, _] = deliver(greenroom)
    delivery = wait_until_delivered(greenroom, post.payload["deliveryId"])
    equal((delivery["event"], delivery["attempts"]), (post.payload["event"], 1))


def redeliver_webhook_delivery(greenroom: Greenroom):
    """202, and the event comes once more under the same id."""
    [post, _] = deliver(greenroom)
    delivery_id = post.payload["deliveryId"]
    wait_until_delivered(greenroom, delivery_id)
    greenroom.request("POST", of(greenroom.webhook, f"/deliveries/{delivery_id}/redeliver")).expect(202)
    [_, again] = greenroom.receiver.arrived(
        post.path, 2, where=lambda other: other.headers["webhook-id"] == delivery_id
    )
    equal(again.payload["data"]["interviewId"], post.payload["data"]["interviewId"])
    assert again.is_signed_with(greenroom.webhook["signingSecret"]), "a redelivery is not signed"


def announce_and_deliver(greenroom: Greenroom):
    """Both events of a test interview arrive, signed."""
    deliver(greenroom)


def deliver_after_failure(greenroom: Greenroom):
    """An endpoint that fails once gets the same delivery again."""
    path = f"/failing/{uuid.uuid4()}"
    with greenroom.temporary_webhook(url=greenroom.receiver.url(path), events=["interview.completed"]) as webhook:
        greenroom.request("POST", "/interviews", INTERVIEW | {"isTest": True}).expect(201)
        [failed, repeated] = greenroom.receiver.arrived(path, 2)
        equal(repeated.headers["webhook-id"], failed.headers["webhook-id"])
        assert repeated.is_signed_with(webhook["signingSecret"]), "the second attempt is not signed"


def keep_dead_letters(greenroom: Greenroom):
    """A message that nobody can read lies among the dead letters."""
    sqs, outputs = greenroom.stack.emulator.client("sqs"), greenroom.stack.outputs()
    text = json.dumps({"unreadable": str(uuid.uuid4())})
    sqs.send_message(QueueUrl=outputs["DeliveryQueueUrl"], MessageBody=text, MessageGroupId="none")
    dead = []
    for _ in range(30):
        # Seconds: waits for a message, and hides it for as short as can be.
        answer = sqs.receive_message(
            QueueUrl=outputs["DeadLetterQueueUrl"], MaxNumberOfMessages=10, WaitTimeSeconds=2, VisibilityTimeout=1
        )
        dead += [message["Body"] for message in answer.get("Messages", [])]
        if text in dead:
            return
    raise AssertionError(f"not among the dead letters: {text}")


# For each route of the template what is tried of it.
ROUTES: dict[str, Callable[[Greenroom], None]] = {
    "POST /agents": create_agent,
    "PATCH /agents/{id}": change_agent,
    "DELETE /agents/{id}": delete_agent,
    "POST /candidates": create_candidate,
    "PATCH /candidates/{id}": change_candidate,
    "POST /jobs": create_job,
    "PATCH /jobs/{id}": change_job,
    "DELETE /jobs/{id}": delete_job,
    "POST /interviews": create_interview,
    "GET /agents": read_resources,
    "GET /agents/{id}": read_resources,
    "GET /candidates": read_resources,
    "GET /candidates/{id}": read_resources,
    "GET /jobs": read_resources,
    "GET /jobs/{id}": read_resources,
    "GET /interviews": read_resources,
    "GET /interviews/{id}": read_resources,
    "GET /interviews/{id}/transcript": read_resources,
    "GET /phone-numbers": read_company,
    "GET /company": read_company,
    "GET /billing/usage": read_usage,
    "GET /companies": manage_companies,
    "POST /companies": manage_companies,
    "GET /companies/{id}": manage_companies,
    "PATCH /companies/{id}": manage_companies,
    "PATCH /interviews/{id}": change_interview,
    "POST /interviews/{id}/cancel": cancel_interview,
    "DELETE /interviews/{id}": delete_interview,
    "DELETE /candidates/{id}": delete_candidate,
    "POST /webhooks": create_webhook,
    "GET /webhooks": list_webhooks,
    "GET /webhooks/{id}": get_webhook,
    "PATCH /webhooks/{id}": change_webhook,
    "DELETE /webhooks/{id}": delete_webhook,
    "POST /webhooks/{id}/test": test_webhook,
    "POST /webhooks/{id}/rotate-secret": rotate_webhook_secret,
    "POST /webhooks/{id}/reset-circuit": reset_webhook_circuit,
    "GET /webhooks/{id}/deliveries": list_webhook_deliveries,
    "POST /webhooks/{id}/deliveries/{deliveryId}/redeliver": redeliver_webhook_delivery,
    "$default": no_route,
}

# What happens without a request: from the table's stream, and from the queues.
BACKGROUND: dict[str, Callable[[Greenroom], None]] = {
    "stream, queue, endpoint": announce_and_deliver,
    "a failing endpoint": deliver_after_failure,
    "dead letters": keep_dead_letters,
}


def deliver(greenroom: Greenroom) -> list[Post]:
    """Creates a test interview; answers with the two posts that the company's webhook gets of it."""
    interview = greenroom.request("POST", "/interviews", INTERVIEW | {"isTest": True}).expect(201).body
    posts = greenroom.receiver.arrived(
        urlsplit(greenroom.webhook["url"]).path, 2,
        where=lambda post: post.payload["data"].get("interviewId") == interview["id"],
    )
    equal(sorted(post.payload["event"] for post in posts), EVENTS)
    for post in posts:
        equal(post.payload["data"]["companyId"], greenroom.company)
        assert post.is_signed_with(greenroom.webhook["signingSecret"]), f"{post.payload['event']} is not signed"
    return posts


def wait_until_listed(greenroom: Greenroom, path: str, wanted: str) -> dict:
    """The thing as a list shows it, once its index has it."""
    for _ in range(100):
        items = greenroom.request("GET", path).expect(200).body["items"]
        for item in items:
            if item["id"] == wanted:
                return item
    raise AssertionError(f"{wanted} is not in {path}")


def wait_until_delivered(greenroom: Greenroom, delivery_id: str) -> dict:
    """The delivery as the API shows it once the deliverer has written down that it arrived."""
    for _ in range(100):
        listed = greenroom.request("GET", of(greenroom.webhook, "/deliveries?limit=100")).expect(200).body["items"]
        [delivery] = [delivery for delivery in listed if delivery["id"] == delivery_id]
        if delivery["status"] == "SUCCEEDED":
            return delivery
    raise AssertionError(f"the delivery has arrived and is still {delivery['status']}")


def ping_of(greenroom: Greenroom, webhook: dict) -> Post:
    """The ping that a webhook's test posts, verified."""
    tried = greenroom.request("POST", of(webhook, "/test")).expect(200).body
    equal((tried["success"], tried["httpStatus"]), (True, 204))
    ping = greenroom.receiver.arrived(
        urlsplit(webhook["url"]).path, 1, where=lambda post: post.headers["webhook-id"] == tried["deliveryId"]
    )[0]
    equal(ping.payload["event"], "ping")
    assert ping.is_signed_with(webhook["signingSecret"]), "the ping is not signed"
    return ping


def of(webhook: dict, path: str = "") -> str:
    """The path of a webhook, or below it."""
    return f"/webhooks/{webhook['id']}{path}"


def equal(found, wanted):
    if found != wanted:
        raise AssertionError(f"{found!r} is not {wanted!r}")
