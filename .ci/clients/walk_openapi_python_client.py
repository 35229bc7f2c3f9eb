"""The walk of clients, with the client that openapi-python-client makes: python3 FILE URL KEY."""

import sys
import time
import uuid

from greenroom_client import AuthenticatedClient
from greenroom_client.api.agents import create_agent
from greenroom_client.api.interviews import create_interview
from greenroom_client.api.jobs import change_job, create_job, delete_job, get_job, list_jobs
from greenroom_client.api.webhooks import (
    create_webhook,
    delete_webhook,
    get_webhook,
    list_deliveries,
    list_webhooks,
)
from greenroom_client.models import (
    AttemptOutcome,
    ChangeJobRequest,
    CircuitState,
    CreateAgentRequest,
    CreateAgentRequestFocus,
    CreateAgentRequestLanguage,
    CreateAgentRequestType,
    CreateInterviewRequest,
    CreateWebhookRequest,
    CreateWebhookRequestEventsItem,
    EventType,
    InterviewResponse,
    InterviewStatus,
    NewCandidate,
    NewJob,
)
from greenroom_client.types import UNSET

url, key = sys.argv[1:]
client = AuthenticatedClient(base_url=url, token=key, raise_on_unexpected_status=True)


def agent(name):
    return CreateAgentRequest(
        name=name,
        type_=CreateAgentRequestType.ONLINE,
        focus=CreateAgentRequestFocus.GENERIC,
        language=CreateAgentRequestLanguage.EN,
        duration=15,
    )


created = create_webhook.sync(
    client=client,
    body=CreateWebhookRequest(
        url="https://127.0.0.1:1/", events=[CreateWebhookRequestEventsItem.INTERVIEW_COMPLETED]
    ),
)
assert created.signing_secret.startswith("whsec_") and created.circuit.state == CircuitState.CLOSED
assert get_webhook.sync(created.id, client=client).events == [EventType.INTERVIEW_COMPLETED]
assert created.id in [webhook.id for webhook in list_webhooks.sync(client=client).items]

interview = create_interview.sync(
    client=client,
    body=CreateInterviewRequest(
        candidate=NewCandidate(
            first_name="Jane", last_name="Doe", email="jane@example.com", gdpr_expiry_date="2099-12-31"
        ),
        agent=agent("First contact"),
        is_test=True,
    ),
    idempotency_key=str(uuid.uuid4()),
)
assert isinstance(interview, InterviewResponse) and interview.status == InterviewStatus.COMPLETED
assert interview.analysis.specific.kind == "SCREENING"

# The attempt is made within a second.
deliveries = []
for _ in range(100):
    deliveries = list_deliveries.sync(created.id, client=client, limit=5).items
    if deliveries and deliveries[0].last_attempt:
        break
    time.sleep(0.1)
assert [delivery.interview_id for delivery in deliveries] == [interview.id]
assert deliveries[0].last_attempt.outcome == AttemptOutcome.CONNECT_FAILED
assert delete_webhook.sync_detailed(created.id, client=client).status_code == 204

# A job's life.
jobs = [create_job.sync(client=client, body=NewJob(title=f"Position {number}")) for number in range(3)]
job = jobs[0]
shown = get_job.sync_detailed(job.id, client=client)
assert shown.parsed == job
listed, cursor = [], UNSET
while True:
    page = list_jobs.sync(client=client, limit=1, cursor=cursor)
    listed += page.items
    if not page.next_cursor:
        break
    cursor = page.next_cursor
assert [own.id for own in listed if own in jobs] == [own.id for own in reversed(jobs)]

version, change = shown.headers["ETag"], ChangeJobRequest(title="Another position", description=None)
changed = change_job.sync_detailed(job.id, client=client, body=change, if_match=version)
assert changed.parsed.title == "Another position"
outdated = change_job.sync_detailed(job.id, client=client, body=change, if_match=version)
assert (outdated.status_code, outdated.parsed.code.value) == (412, "PRECONDITION_FAILED")
assert delete_job.sync_detailed(job.id, client=client, if_match=changed.headers["ETag"]).status_code == 204
gone = get_job.sync_detailed(job.id, client=client)
assert (gone.status_code, gone.parsed.code.value) == (404, "RESOURCE_NOT_FOUND")

stranger = AuthenticatedClient(base_url=url, token="sk_none", raise_on_unexpected_status=True)
answers = [
    create_agent.sync_detailed(client=client, body=agent("A")),
    list_webhooks.sync_detailed(client=stranger),
    get_webhook.sync_detailed(uuid.uuid4(), client=client),
]
refusals = [(answer.status_code.value, answer.parsed.code.value) for answer in answers]
assert refusals == [(400, "VALIDATION_FAILED"), (401, "INVALID_API_KEY"), (404, "RESOURCE_NOT_FOUND")], refusals
