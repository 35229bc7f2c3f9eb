"""Sends each file of events/ to the function that `sam build` made of it, and compares the answer.

The function runs under the Lambda runtime emulator, with the environment that Lambda and the template give it,
and the table, queues and key of a running `local`. What it posts to webhooks arrives here. Ends with an error if an
event has no expectation, an expectation no event, or a function no event.
"""

import argparse
import base64
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import yaml
from standardwebhooks import Webhook

BUILD = Path(".aws-sam/build")
EVENTS = Path("events")
FUNCTIONS = {
    "create-agent": "CreateAgentFunction",
    "create-interview": "CreateInterviewFunction",
    "read": "ReadFunction",
    "manage-interviews": "ManageInterviewsFunction",
    "manage-resources": "ManageResourcesFunction",
    "not-found": "NotFoundFunction",
    # In this order: what the first one registers, the others announce to.
    "manage-webhooks": "ManageWebhooksFunction",
    "publish-events": "PublishEventsFunction",
    "deliver-webhook": "DeliverWebhookFunction",
    "erase": "EraseFunction",
    "sweep": "SweepFunction",
    "start-interviews": "StartInterviewsFunction",
    "record-result": "RecordResultFunction",
}
# What files of events/ say for the running company, its webhook, and the webhook's address.
COMPANY = "0b8ab9a4-7f2c-4a39-8d7c-1c2b3a4d5e6f"
WEBHOOK = "5d1f7c1e-8a4b-4c57-9d0e-2b6f3a8c9e10"
ADDRESS = "https://example.com/greenroom"
# The key of the demo system of every `local`, with which files of events/ ask for companies.
SYSTEM_KEY = "sk_GreenroomDemoSystemKeyNotASecret0000000000046pRRE"
# Longer than any event is on its way from the queue to here, however busy the machine is.
ARRIVAL_SECONDS = 120
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{43}=")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--emulator", required=True)
    arguments.add_argument("--dynamodb", required=True)
    arguments.add_argument("--services", required=True, help="address of SQS and KMS")
    arguments.add_argument("--company", required=True)
    arguments.add_argument("--api-key", required=True)
    arguments = arguments.parse_args()

    events = sorted(path.stem for path in EVENTS.glob("*.json"))
    if set(events) != set(EXPECTATIONS):
        sys.exit(f"without event or without expectation: {sorted(set(events) ^ set(EXPECTATIONS))}")

    stack = Stack(arguments)
    for function, resource in FUNCTIONS.items():
        own = [name for name in events if name == function or name.startswith(function + "-")]
        if not own:
            sys.exit(f"no event for {function}")
        with Function(resource, arguments) as running:
            for number, name in enumerate(own, 1):
                event = stack.event(name)
                answer = Answer(running.invoke(event), running.log_lines(number))
                try:
                    EXPECTATIONS[name](answer, event, stack)
                    if answer.status:
                        expect_common(answer)
                except AssertionError as error:
                    sys.exit(f"{name}: {error}\n{json.dumps(answer.response, indent=2)}\n{running.output()}")
                print(f"    {name}: {answer}")
        if any(secret in running.output() for secret in stack.secrets):
            sys.exit(f"a key or a secret is in the log\n{running.output()}")
    print(f"    {len(events)} events answered as expected")


class Stack:
    """What events are about: the running company, its webhook, and where that posts to."""

    def __init__(self, arguments):
        self.company, self.services = arguments.company, arguments.services
        self.secrets = [arguments.api_key, SYSTEM_KEY]
        self.webhook = None
        self.posts = []
        posts = self.posts

        class Endpoint(BaseHTTPRequestHandler):
            def do_POST(self):
                posts.append((dict(self.headers), self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.endpoint = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
        threading.Thread(target=self.endpoint.serve_forever, daemon=True).start()

    def event(self, name):
        text = (EVENTS / f"{name}.json").read_text()
        text = text.replace(COMPANY, self.company).replace(ADDRESS, f"http://127.0.0.1:{self.endpoint.server_port}/")
        event = json.loads(text.replace(WEBHOOK, self.webhook["id"]) if self.webhook else text)
        authorization = event.get("headers", {}).get("authorization")
        if authorization and SYSTEM_KEY not in authorization:
            event["headers"]["authorization"] = f"Bearer {self.secrets[0]}"
        return event

    def arrived(self, *events):
        """The posts that have arrived, which must be these events and no others, all of them signed."""
        deadline = time.monotonic() + ARRIVAL_SECONDS
        while len(self.posts) < len(events) and time.monotonic() < deadline:
            time.sleep(0.02)
        bodies = [Webhook(self.webhook["signingSecret"]).verify(body, headers) for headers, body in self.posts]
        self.posts.clear()
        equal("events that arrived", sorted(body["event"] for body in bodies), sorted(events))
        return bodies

    def waiting(self, queue):
        """How many messages wait in a queue."""
        body = {"QueueUrl": f"{self.services}/000000000000/{queue}", "AttributeNames": ["All"]}
        request = urllib.request.Request(
            self.services,
            json.dumps(body).encode(),
            {"X-Amz-Target": "AmazonSQS.GetQueueAttributes", "Content-Type": "application/x-amz-json-1.0"},
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            return int(json.load(response)["Attributes"]["ApproximateNumberOfMessages"])


class Function:
    """A built function under the emulator, for as long as the `with` lasts."""

    def __init__(self, resource, arguments):
        invocations, runtime_api = free_port(), free_port()
        self.url = f"http://127.0.0.1:{invocations}/2015-03-31/functions/function/invocations"
        self.port = invocations
        self.command = [
            arguments.emulator,
            "--log-level", "error",
            "--runtime-interface-emulator-address", f"127.0.0.1:{invocations}",
            "--runtime-api-address", f"127.0.0.1:{runtime_api}",
            str((BUILD / resource / "bootstrap").resolve()),
        ]
        self.environment = {
            "PATH": os.environ["PATH"],
            "AWS_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_LAMBDA_FUNCTION_NAME": resource,
            "AWS_LAMBDA_FUNCTION_TIMEOUT": "30",
            **declared_environment(resource, arguments),
        }
        self.log = Path(os.environ.get("TMPDIR", "/tmp")) / f"{resource}-{os.getpid()}.log"

    def __enter__(self):
        print(f"    {self.command[-1]}")
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                self.command, env=self.environment, stdout=log, stderr=subprocess.STDOUT
            )
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.05)
        sys.exit(f"the emulator does not answer\n{self.output()}")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=10)
        self.finished = self.log.read_text()
        self.log.unlink()

    def invoke(self, event):
        request = urllib.request.Request(self.url, json.dumps(event).encode())
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)

    def output(self):
        return self.log.read_text() if self.log.exists() else self.finished

    def log_lines(self, count):
        """The JSON lines that the function has printed so far: exactly one per event."""
        for _ in range(100):
            lines = [line for line in self.output().splitlines() if line.startswith("{") and '"_aws"' in line]
            if len(lines) >= count:
                break
            time.sleep(0.05)
        if len(lines) != count:
            sys.exit(f"{len(lines)} log lines for {count} events\n{self.output()}")
        return [json.loads(line) for line in lines]


def declared_environment(resource, arguments):
    """The variables that the template declares for a function, as env.json sets them for `local`."""
    template = yaml.load((BUILD / "template.yaml").read_text(), CloudFormation)
    # SAM adds the variables of all functions to each one's own.
    declared = [template["Globals"]["Function"], template["Resources"][resource]["Properties"]]
    values = {
        **json.loads(Path("env.json").read_text())["Parameters"],
        # Not in a deployment, and in no container either, whose loopback is its own: the endpoint is this program.
        "WEBHOOK_TARGETS": "public-and-loopback",
    }
    return {
        name: values[name]
        .replace("http://host.docker.internal:8000", arguments.dynamodb)
        .replace("http://host.docker.internal:8001", arguments.services)
        for properties in declared
        for name in properties.get("Environment", {}).get("Variables", {})
    }


class CloudFormation(yaml.SafeLoader):
    """Reads a template, and leaves out what its tags stand for."""


CloudFormation.add_multi_constructor("!", lambda *_: None)


class Answer:
    """What Lambda would get from the function: for API Gateway, for a stream's or queue's mapping, or for nobody."""

    def __init__(self, response, log_lines):
        self.response, self.log_line = response, log_lines[-1]
        if response and "errorType" in response:
            # A crash or time-out: the emulator itself answers, with status 200.
            sys.exit(f"the function failed: {response}")
        # Of a schedule's function it is null.
        of_gateway = response or {}
        self.status = of_gateway.get("statusCode")
        self.headers = {name.lower(): value for name, value in of_gateway.get("headers", {}).items()}
        self.body = json.loads(of_gateway["body"]) if of_gateway.get("body") else {}

    def __str__(self):
        if self.status:
            return f"{self.status} {self.body.get('code', '')}".rstrip()
        return json.dumps(self.response)


def equal(what, found, wanted):
    if found != wanted:
        raise AssertionError(f"{what} is {found!r}, expected {wanted!r}")


def matches(what, found, pattern):
    if not isinstance(found, str) or not pattern.fullmatch(found):
        raise AssertionError(f"{what} is {found!r}, expected {pattern.pattern}")


def request_body(event):
    body = event["body"]
    return json.loads(base64.b64decode(body) if event["isBase64Encoded"] else body)


def expect_common(answer):
    if not answer.headers.get("x-request-id"):
        raise AssertionError("no X-Request-Id")


def created_as_sent(answer, event, stack, path, **defaults):
    """The company's resource as it was sent, with its id and times, and defaults where nothing was sent."""
    created(answer, path)
    for field, value in (defaults | request_body(event) | {"companyId": stack.company}).items():
        equal(field, answer.body.get(field), value)


def agent_created(answer, event, stack):
    created_as_sent(answer, event, stack, "/agents", backgroundSound="OFFICE")


def job_created(answer, event, stack):
    created_as_sent(answer, event, stack, "/jobs", status="OPEN")


def candidate_created(answer, event, stack):
    """In the talent pool."""
    created_as_sent(answer, event, stack, "/candidates", status="APPLIED", jobIds=[])


def company_created(answer, event, _world):
    """A company of the demo system, on the plan that systems' companies have by themselves."""
    created(answer, "/companies")
    sent = request_body(event)
    equal("sent fields", {name: answer.body.get(name) for name in sent}, sent)
    equal("plan", answer.body["plan"], "TRIAL")
    equal("subscription", answer.body["subscription"], "ACTIVE")


def company_shown(answer, event, _world):
    """A company of the demo system, without its allowance."""
    equal("status", answer.status, 200)
    equal("id", answer.body["id"], event["pathParameters"]["id"])
    equal("allowance", answer.body.get("allowance"), None)


def interview_created(answer, event, _world):
    """An interview that is due at once, and ids of everything that came with it."""
    created(answer, "/interviews")
    for field in ("candidateId", "agentId", "jobId"):
        matches(field, answer.body.get(field), UUID)
    equal("status", answer.body["status"], "SCHEDULED")
    equal("scheduledAt", answer.body["scheduledAt"], answer.body["createdAt"])
    equal("isTest", answer.body["isTest"], False)
    sent = request_body(event)
    equal("metadata", answer.body.get("metadata"), sent.get("metadata"))


def created(answer, path):
    equal("status", answer.status, 201)
    equal("content type", answer.headers.get("content-type"), "application/json")
    matches("id", answer.body.get("id"), UUID)
    equal("Location", answer.headers.get("location"), f"{path}/{answer.body['id']}")
    for field in ("createdAt", "updatedAt"):
        matches(field, answer.body.get(field), TIME)


def webhook_created(answer, event, stack):
    """The webhook, with its secret. The first one is what the other events are about."""
    created(answer, "/webhooks")
    matches("signingSecret", answer.body.get("signingSecret"), SECRET)
    equal("companyId", answer.body["companyId"], stack.company)
    equal("url", answer.body["url"], request_body(event)["url"])
    equal("header", answer.body["headers"], [{"name": "X-Environment", "value": "********"}])
    stack.secrets.append(answer.body["signingSecret"])
    stack.webhook = stack.webhook or answer.body


def webhook_shown(answer, _event, stack):
    """The webhook as it was created, without its secret."""
    equal("status", answer.status, 200)
    equal("webhook", answer.body | {"signingSecret": stack.webhook["signingSecret"]}, stack.webhook)
    equal("signingSecret", answer.body.get("signingSecret"), None)


def usage_shown(answer, _event, stack):
    """The company's own usage: the stack conducts no interviews."""
    equal("status", answer.status, 200)
    [usage] = answer.body["companies"]
    equal("companyId", usage["companyId"], stack.company)
    equal("totalInterviews", usage["totalInterviews"], 0)


def agents_listed(answer, _event, _stack):
    """Agents of the focus that is asked for."""
    equal("status", answer.status, 200)
    for agent in answer.body["items"]:
        equal("focus", agent["focus"], "SCREENING")


def webhooks_listed(answer, _event, stack):
    """The webhook that was created, before the demo company's own."""
    equal("status", answer.status, 200)
    equal("newest webhook", answer.body["items"][0]["id"], stack.webhook["id"])


def webhook_tried(answer, _event, stack):
    """A ping has arrived before the answer."""
    equal("status", answer.status, 200)
    equal("success", answer.body["success"], True)
    equal("httpStatus", answer.body["httpStatus"], 204)
    [ping] = stack.arrived("ping")
    equal("deliveryId", ping["deliveryId"], answer.body["deliveryId"])


def events_published(answer, _event, stack):
    """Both events of a test interview are in the queue, from where `local` delivers them."""
    equal("answer", answer.response, {"batchItemFailures": []})
    equal("messages", answer.log_line["DeliveriesOrdered"], 2)
    bodies = {body["event"]: body["data"] for body in stack.arrived("interview.completed", "analysis.completed")}
    equal("status", bodies["interview.completed"]["status"], "COMPLETED")
    equal("kind of analysis", bodies["analysis.completed"]["analysis"]["specific"]["kind"], "SCREENING")


def nothing_erased(answer, _event, _world):
    """An erasure that is over already, or of nobody, is done with."""
    equal("answer", answer.response, {"batchItemFailures": []})
    equal("interviews", answer.log_line["InterviewsErased"], 0)
    equal("failures", answer.log_line["EraseFailures"], 0)


def nothing_published(answer, _event, _world):
    """A batch that announces nothing is done with."""
    equal("answer", answer.response, {"batchItemFailures": []})
    equal("events", answer.log_line["EventsPublished"], 0)
    equal("messages", answer.log_line["DeliveriesOrdered"], 0)


def delivered(answer, event, stack):
    """The function itself has posted the event before it answered."""
    equal("answer", answer.response, {"batchItemFailures": []})
    order = json.loads(event["Records"][0]["body"])
    equal("outcome", answer.log_line["outcome"], "DELIVERED")
    equal("posts", len(stack.posts), 1)
    [body] = stack.arrived(order["event"])
    equal("body", body, {
        "event": order["event"],
        "timestamp": order["occurredAt"],
        "deliveryId": order["deliveryId"],
        "data": order["data"],
    })


def swept(answer, _event, _world):
    """A sweep in which nothing was due, and nothing failed."""
    equal("answer", answer.response, None)
    equal("failures", answer.log_line["SweepFailures"], 0)
    equal("deliveries", answer.log_line["DeliveriesSwept"], 0)
    equal("requests", answer.log_line["dynamodb"]["requests"], 32)


def nothing_started(answer, _event, _world):
    """A minute in which no interview was due, and nothing failed."""
    equal("answer", answer.response, None)
    equal("failures", answer.log_line["StartFailures"], 0)
    equal("interviews", answer.log_line["InterviewsStarted"], 0)
    equal("requests", answer.log_line["dynamodb"]["requests"], 16)


def nothing_handed_over(answer, _event, _world):
    """An interview that has started but is not to be found is handed over to nobody."""
    equal("answer", answer.response, {"batchItemFailures": []})
    equal("interviews", answer.log_line["InterviewsHandedOver"], 0)
    equal("failures", answer.log_line["HandOverFailures"], 0)


def result_buried(answer, _event, stack):
    """A result of an interview that nobody knows is taken out of the queue, and kept among the dead letters."""
    equal("answer", answer.response, {"batchItemFailures": []})
    equal("outcome", answer.log_line["outcome"], "UNKNOWN_INTERVIEW")
    equal("dead letters", stack.waiting("interview-results-dead-letters"), 1)


def buried(answer, _event, stack):
    """What nobody can read is taken out of the queue, and kept among the dead letters."""
    equal("answer", answer.response, {"batchItemFailures": []})
    equal("dead letters", stack.waiting("dead-letters"), 1)


def problem(status, code, pointers=(), headers=()):
    """An error with this status and code, which points at least at these places and carries these headers."""

    def expectation(answer, _event, _world):
        equal("status", answer.status, status)
        equal("content type", answer.headers.get("content-type"), "application/problem+json")
        equal("status in the body", answer.body["status"], status)
        equal("code", answer.body["code"], code)
        equal("request id", answer.body["requestId"], answer.headers.get("x-request-id"))
        found = {error["pointer"] for error in answer.body.get("errors", [])}
        equal("pointers", sorted(found), sorted(pointers))
        for name, value in headers:
            equal(name, answer.headers.get(name), value)

    return expectation


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


MISSING_KEY = problem(401, "INVALID_API_KEY", headers=[("www-authenticate", "Bearer")])
NO_ROUTE = problem(404, "ROUTE_NOT_FOUND")
NO_METHOD = problem(405, "METHOD_NOT_ALLOWED", headers=[("allow", "POST, GET")])

EXPECTATIONS = {
    "create-agent": agent_created,
    "create-agent-base64-body": agent_created,
    "create-agent-named-stage": agent_created,
    "create-agent-odd-query": problem(400, "VALIDATION_FAILED", ["?"]),
    "create-agent-missing-key": MISSING_KEY,
    "create-agent-invalid-body": problem(
        400, "VALIDATION_FAILED", ["/name", "/type", "/language", "/duration", "/colour"]
    ),
    "create-interview": interview_created,
    "create-interview-base64-body": interview_created,
    "create-interview-named-stage": interview_created,
    "create-interview-missing-key": MISSING_KEY,
    "create-interview-invalid-body": problem(
        400,
        "VALIDATION_FAILED",
        ["/candidate/lastName", "/candidate/email", "/candidate/gdprExpiryDate", "/agent/duration", "/jobId"],
    ),
    "deliver-webhook": delivered,
    "deliver-webhook-unreadable": buried,
    "erase": nothing_erased,
    "manage-interviews": problem(404, "RESOURCE_NOT_FOUND"),
    "manage-interviews-invalid-body": problem(404, "RESOURCE_NOT_FOUND"),
    "manage-interviews-missing-key": MISSING_KEY,
    "manage-interviews-no-id": problem(400, "VALIDATION_FAILED", ["path:id"]),
    "manage-resources": job_created,
    "manage-resources-candidate": candidate_created,
    "manage-resources-company": company_created,
    "manage-resources-invalid-body": problem(400, "VALIDATION_FAILED", ["/email", "/gdprExpiryDate"]),
    "manage-resources-unknown": problem(404, "RESOURCE_NOT_FOUND"),
    "manage-resources-unknown-job": problem(404, "RESOURCE_NOT_FOUND"),
    "manage-webhooks": webhook_created,
    "manage-webhooks-get": webhook_shown,
    "manage-webhooks-invalid-body": problem(
        400, "VALIDATION_FAILED", ["/url", "/events", "/headers/0/name", "/colour"]
    ),
    "manage-webhooks-list": webhooks_listed,
    "manage-webhooks-missing-key": MISSING_KEY,
    "manage-webhooks-named-stage": webhook_created,
    "manage-webhooks-own-post": problem(508, "LOOP_DETECTED"),
    "manage-webhooks-test": webhook_tried,
    "manage-webhooks-unknown": problem(404, "RESOURCE_NOT_FOUND"),
    "read": agents_listed,
    "read-invalid-query": problem(400, "VALIDATION_FAILED", ["?limit", "?focus", "?sort"]),
    "read-missing-key": MISSING_KEY,
    "read-named-stage": agents_listed,
    "read-usage": usage_shown,
    "read-company": company_shown,
    "read-foreign-company": problem(403, "RESOURCE_ACCESS_DENIED"),
    "read-unknown": problem(404, "RESOURCE_NOT_FOUND"),
    "not-found": NO_ROUTE,
    "not-found-invalid-body": NO_ROUTE,
    "not-found-missing-key": NO_ROUTE,
    "not-found-method": NO_METHOD,
    "not-found-odd-query": problem(400, "VALIDATION_FAILED", ["?"]),
    "not-found-named-stage": NO_METHOD,
    "publish-events": events_published,
    "publish-events-unchanged": nothing_published,
    "sweep": swept,
    "start-interviews": nothing_started,
    "start-interviews-stream": nothing_handed_over,
    "record-result": result_buried,
}

if __name__ == "__main__":
    main()
