"""The walk of clients, with the client that openapi-generator makes for Python: python3 FILE URL KEY."""

import sys
import time
import uuid

import greenroom
from greenroom import (
    AgentsApi,
    ApiClient,
    ApiException,
    ChangeJobRequest,
    Configuration,
    CreateAgentRequest,
    CreateInterviewRequest,
    CreateWebhookRequest,
    InterviewsApi,
    JobsApi,
    NewCandidate,
    NewJob,
    WebhooksApi,
)

url, key = sys.argv[1:]
client = ApiClient(Configuration(host=url, access_token=key))
webhooks = WebhooksApi(client)

created = webhooks.create_webhook(CreateWebhookRequest(url="https://127.0.0.1:1/", events=["interview.completed"]))
assert created.signing_secret.startswith("whsec_") and created.circuit.state == greenroom.CircuitState.CLOSED
assert webhooks.get_webhook(created.id).events == [greenroom.EventType.INTERVIEW_DOT_COMPLETED]
assert created.id in [webhook.id for webhook in webhooks.list_webhooks().items]

interview = InterviewsApi(client).create_interview(
    CreateInterviewRequest(
        candidate=NewCandidate(
            first_name="Jane", last_name="Doe", email="jane@example.com", gdpr_expiry_date="2099-12-31"
        ),
        agent=CreateAgentRequest(name="First contact", type="ONLINE", focus="GENERIC", language="EN", duration=15),
        is_test=True,
    ),
    idempotency_key=str(uuid.uuid4()),
)
assert interview.status == greenroom.InterviewStatus.COMPLETED and interview.is_test
assert interview.analysis.specific.kind == "SCREENING"

# The attempt is made within a second.
deliveries = []
for _ in range(100):
    deliveries = webhooks.list_deliveries(created.id, limit=5).items
    if deliveries and deliveries[0].last_attempt:
        break
    time.sleep(0.1)
assert [delivery.interview_id for delivery in deliveries] == [interview.id]
assert deliveries[0].last_attempt.outcome == greenroom.AttemptOutcome.CONNECT_FAILED
webhooks.delete_webhook(created.id)


def refusal(call):
    """The status of a refusal and the code in its body."""
    try:
        call()
    except ApiException as exception:
        return exception.status, getattr(exception.data, "actual_instance", exception.data).code
    raise AssertionError("not refused")


def etag(answer):
    """The version of an answer. This client's headers are found by the case in which they were sent."""
    return {name.lower(): value for name, value in answer.headers.items()}["etag"]


# A job's life.
api = JobsApi(client)
jobs = [api.create_job(NewJob(title=f"Position {number}")) for number in range(3)]
job = jobs[0]
shown = api.get_job_with_http_info(job.id)
assert shown.data == job
listed, cursor = [], None
while True:
    page = api.list_jobs(limit=1, cursor=cursor)
    listed += page.items
    if not page.next_cursor:
        break
    cursor = page.next_cursor
assert [own.id for own in listed if own in jobs] == [own.id for own in reversed(jobs)]

version, change = etag(shown), ChangeJobRequest(title="Another position", description=None)
changed = api.change_job_with_http_info(job.id, change, if_match=version)
assert changed.data.title == "Another position"
outdated = refusal(lambda: api.change_job(job.id, change, if_match=version))
assert outdated == (412, "PRECONDITION_FAILED"), outdated
api.delete_job(job.id, if_match=etag(changed))
gone = refusal(lambda: api.get_job(job.id))
assert gone == (404, "RESOURCE_NOT_FOUND"), gone

too_short = CreateAgentRequest.model_construct(name="A", type="ONLINE", focus="GENERIC", language="EN", duration=15)
stranger = WebhooksApi(ApiClient(Configuration(host=url, access_token="sk_none")))
refusals = [
    refusal(lambda: AgentsApi(client).create_agent(too_short)),
    refusal(stranger.list_webhooks),
    refusal(lambda: webhooks.get_webhook(uuid.uuid4())),
]
assert refusals == [(400, "VALIDATION_FAILED"), (401, "INVALID_API_KEY"), (404, "RESOURCE_NOT_FOUND")], refusals
