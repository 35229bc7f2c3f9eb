"""Sends each file of events/ to the function that `sam build` made of it, and compares the answer.

The function runs under the Lambda runtime emulator, with the environment that Lambda and the template give it
and the table of a running `local`. Ends with an error if an event has no expectation, an expectation no event,
or a function no event.
"""

import argparse
import base64
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

BUILD = Path(".aws-sam/build")
EVENTS = Path("events")
FUNCTIONS = {
    "create-agent": "CreateAgentFunction",
    "create-interview": "CreateInterviewFunction",
    "not-found": "NotFoundFunction",
}
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--emulator", required=True)
    arguments.add_argument("--dynamodb", required=True)
    arguments.add_argument("--company", required=True)
    arguments.add_argument("--api-key", required=True)
    arguments = arguments.parse_args()

    events = sorted(path.stem for path in EVENTS.glob("*.json"))
    if set(events) != set(EXPECTATIONS):
        sys.exit(f"without event or without expectation: {sorted(set(events) ^ set(EXPECTATIONS))}")

    for function, resource in FUNCTIONS.items():
        own = [name for name in events if name == function or name.startswith(function + "-")]
        if not own:
            sys.exit(f"no event for {function}")
        with Function(resource, arguments) as running:
            for name in own:
                event = json.loads((EVENTS / f"{name}.json").read_text())
                if "authorization" in event["headers"]:
                    event["headers"]["authorization"] = f"Bearer {arguments.api_key}"
                answer = Answer(running.invoke(event))
                try:
                    EXPECTATIONS[name](answer, event, arguments.company)
                    expect_common(answer)
                except AssertionError as error:
                    sys.exit(f"{name}: {error}\n{answer}\n{running.output()}")
                print(f"    {name}: {answer.status} {answer.body.get('code', '')}".rstrip())
        expect_log_lines(running.output(), len(own), arguments.api_key)
    print(f"    {len(events)} events answered as expected")


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
            "AWS_LAMBDA_FUNCTION_TIMEOUT": "10",
            "TABLE_NAME": json.loads(Path("env.json").read_text())["Parameters"]["TABLE_NAME"],
            "AWS_ENDPOINT_URL_DYNAMODB": arguments.dynamodb,
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


class Answer:
    """What API Gateway would get from the function."""

    def __init__(self, response):
        self.response = response
        if "statusCode" not in response:
            # A crash or time-out: the emulator itself answers, with status 200.
            sys.exit(f"the function failed: {response}")
        self.status = response["statusCode"]
        self.headers = {name.lower(): value for name, value in response.get("headers", {}).items()}
        self.body = json.loads(response["body"])

    def __str__(self):
        return json.dumps(self.response, indent=2)


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


def agent_created(answer, event, company):
    """The agent as it was sent, with its id, company and times."""
    created(answer, "/agents")
    equal("companyId", answer.body["companyId"], company)
    equal("backgroundSound", answer.body["backgroundSound"], "OFFICE")
    for field, value in request_body(event).items():
        equal(field, answer.body.get(field), value)


def interview_created(answer, event, _company):
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


def problem(status, code, pointers=(), headers=()):
    """An error with this status and code, which points at least at these places and carries these headers."""

    def expectation(answer, _event, _company):
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


def expect_log_lines(output, count, api_key):
    """Exactly one JSON line per request, and no key in anything the function printed."""
    lines = [line for line in output.splitlines() if line.startswith("{") and '"_aws"' in line]
    for line in lines:
        json.loads(line)
    if len(lines) != count:
        sys.exit(f"{len(lines)} log lines for {count} requests\n{output}")
    if api_key in output:
        sys.exit(f"the API key is in the log\n{output}")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


MISSING_KEY = problem(401, "INVALID_API_KEY", headers=[("www-authenticate", "Bearer")])
NO_ROUTE = problem(404, "ROUTE_NOT_FOUND")
NO_METHOD = problem(405, "METHOD_NOT_ALLOWED", headers=[("allow", "POST")])

EXPECTATIONS = {
    "create-agent": agent_created,
    "create-agent-base64-body": agent_created,
    "create-agent-named-stage": agent_created,
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
    "not-found": NO_ROUTE,
    "not-found-invalid-body": NO_ROUTE,
    "not-found-missing-key": NO_ROUTE,
    "not-found-method": NO_METHOD,
    "not-found-named-stage": NO_METHOD,
}

if __name__ == "__main__":
    main()
