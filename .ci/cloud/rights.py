"""What needs each right of each role: the one place where that is written down.

A right is an action on a resource, as in `dynamodb:PutItem Table`; the resource is named as in template.yaml. Each
right of the template must stand here, and nothing else may. A new function brings its role's rows.

Where a role may do the same to the same resource by two statements, under different conditions, both are one right
here: the emulator can't tell them apart.
"""

from typing import NamedTuple

from cloud import uses
from cloud.uses import Use


class Role(NamedTuple):
    """A role's rights."""

    # Everything that the role's function does. What needs no right at all stands here alone.
    uses: list[Use]
    # For each right the uses that fail without it. All others must not.
    needed_by: dict[str, list[Use]]
    # For each right that nothing can be seen to need in the emulator, the reason.
    not_enforced: dict[str, str]
    # The stack's output with the mapping that would take away the messages which the uses hand to the function.
    mapping: str | None = None


BY_LAMBDA_LOGS = "Lambda writes the function's lines with it; the emulator writes them without asking"
BY_LAMBDA_TRACES = "Lambda sends traces with it (Tracing: Active); the emulator has no X-Ray"
BY_LAMBDA_STREAM = "Lambda reads the stream with it, and makes no mapping without it; the emulator reads without asking"
BY_LAMBDA_QUEUE = "Lambda takes messages from the queue with it; the emulator takes them without asking"
BY_LAMBDA_BUCKET = "Lambda keeps what it gives up with it; the emulator gives up no batch into a bucket"


# Rights of a function that the table's stream invokes.
READS_STREAM = {
    "dynamodb:DescribeStream Table.StreamArn": BY_LAMBDA_STREAM,
    "dynamodb:GetRecords Table.StreamArn": BY_LAMBDA_STREAM,
    "dynamodb:GetShardIterator Table.StreamArn": BY_LAMBDA_STREAM,
    "dynamodb:ListStreams Table.StreamArn": BY_LAMBDA_STREAM,
}


def of_every_function(logs: str) -> dict[str, str]:
    """Rights that every role has, with its function's log group."""
    return {
        f"logs:CreateLogStream {logs}": BY_LAMBDA_LOGS,
        f"logs:PutLogEvents {logs}": BY_LAMBDA_LOGS,
        "xray:PutTelemetryRecords *": BY_LAMBDA_TRACES,
        "xray:PutTraceSegments *": BY_LAMBDA_TRACES,
    }


NEW_AGENTS = [uses.agent, uses.agent_by_phone, uses.agent_of_system]
AGENTS = [*NEW_AGENTS, uses.refused_agent]
GUARDED_INTERVIEWS = [
    uses.interview_by_phone, uses.interview_of_system, uses.interview_for_further_job, uses.further_test_interview,
]
BILLED_INTERVIEWS = [uses.first_interview_of_month, uses.interview]
NEW_INTERVIEWS = [*BILLED_INTERVIEWS, uses.test_interview, *GUARDED_INTERVIEWS]
INTERVIEWS = [*NEW_INTERVIEWS, uses.refused_interview]
RESOURCES = [
    uses.new_job, uses.new_candidate, uses.refused_candidate, uses.changed_job, uses.changed_candidate,
    uses.changed_agent_by_phone, uses.changed_agent_of_system, uses.deleted_agent, uses.new_company, uses.changed_company,
]
WEBHOOKS = [
    uses.webhook, uses.webhook_of_system, uses.listed_webhooks, uses.read_webhook, uses.renamed_webhook,
    uses.webhook_with_other_headers, uses.deleted_webhook, uses.tried_webhook, uses.rotated_secret, uses.reset_circuit,
    uses.listed_deliveries, uses.redelivery,
]
ENDINGS = [
    uses.changed_interview, uses.changed_interview_of_system, uses.cancelled_interview,
    uses.cancelled_interview_of_closed_month, uses.deleted_interview,
]
ERASURES = [uses.erasure, uses.erasure_of_interviews_to_come]
FAILURES = [uses.failed_delivery, uses.failed_deliveries_at_once, uses.gone_endpoint]
DELIVERIES = [uses.delivery, uses.delivery_of_analysis, *FAILURES]
READS = [
    uses.read_agent, uses.read_interview, uses.read_company, uses.read_companies, uses.read_usage, uses.listed_agents,
    uses.listed_interviews, uses.searched_candidates,
]
SWEEPS = [uses.due_delivery, uses.held_delivery]
STARTS = [uses.due_interview, uses.handed_over_interview]
RESULTS = [uses.result, uses.result_of_closed_month]

ROLES: dict[str, Role] = {
    "CreateAgentRole": Role(
        uses=AGENTS,
        needed_by={
            "dynamodb:BatchGetItem Table": AGENTS,
            "dynamodb:GetItem Table": [uses.refused_agent],
            "dynamodb:ConditionCheckItem Table": [uses.agent_by_phone, uses.agent_of_system],
            "dynamodb:PutItem Table": NEW_AGENTS,
        },
        # A request that can't be counted passes.
        not_enforced=of_every_function("CreateAgentLogs") | {
            "dynamodb:UpdateItem Table": "counts the key's requests; if it fails, they pass",
        },
    ),
    "CreateInterviewRole": Role(
        uses=INTERVIEWS,
        needed_by={
            "dynamodb:BatchGetItem Table": INTERVIEWS,
            "dynamodb:GetItem Table": [uses.refused_interview],
            "dynamodb:ConditionCheckItem Table": GUARDED_INTERVIEWS,
            "dynamodb:PutItem Table": NEW_INTERVIEWS,
            "dynamodb:UpdateItem Table": NEW_INTERVIEWS,
        },
        not_enforced=of_every_function("CreateInterviewLogs"),
    ),
    "ReadRole": Role(
        uses=READS,
        needed_by={
            "dynamodb:BatchGetItem Table": READS,
            "dynamodb:Query Table/index/GSI1Keys": [uses.listed_agents, uses.read_company],
            "dynamodb:Query Table": [uses.read_usage],
            # A candidate's interviews are counted.
            "dynamodb:Query Table/index/GSI3": [uses.listed_interviews, uses.read_interview, uses.read_companies],
            "dynamodb:Query Table/index/GSI4": [uses.listed_interviews],
            "dynamodb:Query Table/index/GSI5": [uses.searched_candidates],
            "dynamodb:Query Table/index/GSI6": [uses.searched_candidates],
            "dynamodb:Query Table/index/GSI7": [uses.searched_candidates],
        },
        not_enforced=of_every_function("ReadLogs") | {
            "dynamodb:GetItem Table": "opens the connection; if it fails, the first caller waits for it",
            "dynamodb:UpdateItem Table": "counts the key's requests; if it fails, they pass",
        },
    ),
    "ManageInterviewsRole": Role(
        uses=ENDINGS,
        needed_by={
            "dynamodb:BatchGetItem Table": ENDINGS,
            "dynamodb:Query Table": [uses.cancelled_interview_of_closed_month],
            "dynamodb:ConditionCheckItem Table": [
                uses.cancelled_interview_of_closed_month, uses.changed_interview_of_system,
            ],
            "dynamodb:PutItem Table": [uses.deleted_interview],
            "dynamodb:UpdateItem Table": ENDINGS,
        },
        not_enforced=of_every_function("ManageInterviewsLogs") | {
            "dynamodb:GetItem Table": "opens the connection while the function starts; if it fails, the first caller waits",
        },
    ),
    "NotFoundRole": Role(uses=[uses.unknown_path], needed_by={}, not_enforced=of_every_function("NotFoundLogs")),
    "ManageResourcesRole": Role(
        uses=RESOURCES,
        needed_by={
            "dynamodb:BatchGetItem Table": RESOURCES,
            "dynamodb:GetItem Table": [uses.refused_candidate, uses.new_company],
            "dynamodb:ConditionCheckItem Table": [
                uses.new_candidate, uses.changed_agent_by_phone, uses.changed_agent_of_system, uses.new_company,
            ],
            "dynamodb:PutItem Table": [uses.new_job, uses.new_candidate, uses.new_company],
            "dynamodb:UpdateItem Table": [
                uses.changed_job, uses.changed_candidate, uses.changed_agent_by_phone, uses.changed_agent_of_system,
                uses.deleted_agent, uses.new_company, uses.changed_company,
            ],
        },
        not_enforced=of_every_function("ManageResourcesLogs"),
    ),
    "ManageWebhooksRole": Role(
        uses=WEBHOOKS,
        needed_by={
            "dynamodb:BatchGetItem Table": WEBHOOKS,
            "dynamodb:ConditionCheckItem Table": [uses.webhook_of_system],
            "dynamodb:GetItem Table": [
                uses.listed_webhooks, uses.redelivery, uses.webhook_with_other_headers, uses.tried_webhook,
                uses.rotated_secret,
            ],
            "dynamodb:PutItem Table": [
                uses.webhook, uses.webhook_of_system, uses.webhook_with_other_headers, uses.deleted_webhook,
                uses.tried_webhook, uses.rotated_secret, uses.redelivery,
            ],
            "dynamodb:Query Table": [uses.listed_deliveries],
            "dynamodb:UpdateItem Table": [
                uses.webhook, uses.webhook_of_system, uses.renamed_webhook, uses.webhook_with_other_headers,
                uses.deleted_webhook, uses.rotated_secret, uses.reset_circuit, uses.tried_webhook,
            ],
            "sqs:SendMessage Deliveries": [uses.redelivery],
            "kms:Decrypt SecretsKey": [uses.webhook_with_other_headers, uses.tried_webhook, uses.rotated_secret],
            "kms:GenerateDataKey SecretsKey": [
                uses.webhook, uses.webhook_of_system, uses.webhook_with_other_headers, uses.rotated_secret,
            ],
        },
        not_enforced=of_every_function("ManageWebhooksLogs"),
    ),
    "PublishEventsRole": Role(
        uses=[uses.announcement],
        needed_by={
            "dynamodb:BatchGetItem Table": [uses.announcement],
            "sqs:SendMessage Deliveries": [uses.announcement],
        },
        not_enforced=of_every_function("PublishEventsLogs") | READS_STREAM | {
            "s3:ListBucket DiscardedBatches": BY_LAMBDA_BUCKET,
            "s3:PutObject DiscardedBatches/*": BY_LAMBDA_BUCKET,
        },
    ),
    "DeliverWebhookRole": Role(
        uses=[*DELIVERIES, uses.unreadable_message],
        needed_by={
            "dynamodb:BatchGetItem Table": DELIVERIES,
            "dynamodb:GetItem Table": DELIVERIES,
            "dynamodb:PutItem Table": DELIVERIES,
            "dynamodb:UpdateItem Table": FAILURES,
            "sqs:ChangeMessageVisibility Deliveries": FAILURES,
            "sqs:SendMessage DeadLetters": [uses.unreadable_message],
            "kms:Decrypt SecretsKey": DELIVERIES,
        },
        not_enforced=of_every_function("DeliverWebhookLogs") | {
            "sqs:DeleteMessage Deliveries": BY_LAMBDA_QUEUE,
            "sqs:GetQueueAttributes Deliveries": BY_LAMBDA_QUEUE,
            "sqs:ReceiveMessage Deliveries": BY_LAMBDA_QUEUE,
        },
        mapping="DeliverWebhookQueueId",
    ),
    "EraseRole": Role(
        uses=ERASURES,
        needed_by={
            "dynamodb:BatchGetItem Table": ERASURES,
            "dynamodb:Query Table/index/GSI3": ERASURES,
            "dynamodb:UpdateItem Table": ERASURES,
            "dynamodb:PutItem Table": [uses.erasure],
            "dynamodb:ConditionCheckItem Table": [uses.erasure_of_interviews_to_come],
            "dynamodb:Query Table": [uses.erasure_of_interviews_to_come],
        },
        not_enforced=of_every_function("EraseLogs") | READS_STREAM | {
            "dynamodb:GetItem Table": "reads an interview again that somebody changed meanwhile",
        },
        mapping="EraseStreamId",
    ),
    "SweepRole": Role(
        uses=[*SWEEPS, uses.expired_candidate],
        needed_by={
            "dynamodb:BatchGetItem Table": SWEEPS,
            "dynamodb:Query Table": SWEEPS,
            "dynamodb:Query Table/index/GSI2": [*SWEEPS, uses.expired_candidate],
            "dynamodb:GetItem Table": [uses.expired_candidate],
            "dynamodb:DeleteItem Table": [uses.due_delivery],
            "dynamodb:UpdateItem Table": [uses.held_delivery, uses.expired_candidate],
            "sqs:SendMessage Deliveries": [uses.due_delivery],
        },
        not_enforced=of_every_function("SweepLogs"),
    ),
    "StartInterviewsRole": Role(
        uses=[*STARTS, uses.unheard_interview_of_closed_month],
        needed_by={
            "dynamodb:GetItem Table": [uses.due_interview, uses.unheard_interview_of_closed_month],
            "dynamodb:BatchGetItem Table": STARTS,
            "dynamodb:UpdateItem Table": [uses.due_interview, uses.unheard_interview_of_closed_month],
            "dynamodb:Query Table/index/GSI2": [uses.due_interview, uses.unheard_interview_of_closed_month],
            "dynamodb:ConditionCheckItem Table": [uses.unheard_interview_of_closed_month],
            "dynamodb:Query Table": [uses.unheard_interview_of_closed_month],
            "sqs:SendMessage InterviewStarts": [uses.handed_over_interview],
        },
        not_enforced=of_every_function("StartInterviewsLogs") | READS_STREAM,
        mapping="StartInterviewsStreamId",
    ),
    "RecordResultRole": Role(
        uses=[*RESULTS, uses.unrecordable_result],
        needed_by={
            "dynamodb:GetItem Table": RESULTS,
            "dynamodb:PutItem Table": [uses.result],
            "dynamodb:UpdateItem Table": RESULTS,
            "dynamodb:ConditionCheckItem Table": [uses.result_of_closed_month],
            "dynamodb:Query Table": [uses.result_of_closed_month],
            "sqs:SendMessage InterviewResultsDeadLetters": [uses.unrecordable_result],
        },
        not_enforced=of_every_function("RecordResultLogs") | {
            "sqs:DeleteMessage InterviewResults": BY_LAMBDA_QUEUE,
            "sqs:GetQueueAttributes InterviewResults": BY_LAMBDA_QUEUE,
            "sqs:ReceiveMessage InterviewResults": BY_LAMBDA_QUEUE,
        },
        mapping="RecordResultQueueId",
    ),
}

# Roles that are no function's, with the reason why they can't be tried.
OTHER_ROLES = {"DeploymentRole": "the emulator has no CodeDeploy, whose it is"}

# What no role may do, though it would be within reach of one that has a neighbouring right.
NOBODY = [
    "dynamodb:Scan Table", "kms:Encrypt SecretsKey", "s3:GetObject DiscardedBatches/*",
    "sqs:PurgeQueue Deliveries", "sqs:PurgeQueue DeadLetters", "sqs:ReceiveMessage InterviewStarts",
    "sqs:SendMessage InterviewResults",
]
