"""A deployed stack with companies, keys and a receiver of webhooks, and requests to its API."""

import json
import os
import subprocess
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from cloud.receiver import Receiver
from cloud.stack import Stack

ALL_SCOPES = ",".join(
    [f"{right}:{resource}" for right in ("read", "write", "delete") for resource in ("agents", "candidates", "jobs", "interviews")]
    + ["read:companies", "write:companies", "read:phone-numbers", "read:billing", "read:webhooks", "write:webhooks"]
)
# Seconds, longer than the gateway waits for a function.
REQUEST_TIMEOUT_S = 60
ADMIN_TIMEOUT_S = 60


class Answer(NamedTuple):
    """What the API answered."""

    request: str
    status: int
    headers: dict[str, str]
    body: dict

    def expect(self, status: int, code: str | None = None) -> "Answer":
        """This answer, if it has this status, and in an error this code."""
        if (self.status, self.body.get("code") if code else None) != (status, code):
            raise AssertionError(f"{self.request} is answered {self.status} {self.body}, not {status} {code or ''}")
        return self


class Greenroom:
    """A deployed stack as its callers and its operator see it.

    `company` has the key `key`, with all scopes; `key_for_agents` has one scope alone. `system_key` belongs to an
    applicant tracking system that manages `managed_company`, and not `company`. `webhook` is the company's own, for the
    events of test interviews.
    """

    def __init__(self, stack: Stack, admin: Path):
        self.stack, self._admin = stack, admin
        self.receiver = Receiver()
        self.find()
        self.company = self.admin("company", "create", "--name", "Acme", "--plan", "starter", "--minutes", "100000")["id"]
        self.key = self._create_key("--company", self.company, ALL_SCOPES)
        self.key_for_agents = self._create_key("--company", self.company, "write:agents")
        self.phone_number = self.admin(
            "phone-number", "add", "--company", self.company, "--number", "+421901234567"
        )["id"]
        system = self.admin("ats", "create", "--name", "Partner")["id"]
        self.managed_company = self.admin("company", "create", "--name", "Managed", "--ats", system)["id"]
        self.system_key = self._create_key("--ats", system, ALL_SCOPES)
        self.webhook = self._create_webhook({})

    def find(self):
        """Reads where the API and the table are; again after an update that moved them."""
        outputs = self.stack.outputs()
        address = urlsplit(outputs["ApiUrl"])
        # The API's own host name leads nowhere from here, so it is addressed by path.
        self.api = f"{self.stack.emulator.endpoint}/_aws/execute-api/{address.hostname.split('.')[0]}{address.path}"
        self.table = outputs["TableName"]

    def admin(self, *arguments: str) -> dict:
        """Carries out a command of the operator's tool on the deployed table."""
        environment = {"PATH": os.environ["PATH"], "TABLE_NAME": self.table}
        environment |= self.stack.emulator.environment()
        done = subprocess.run(
            [self._admin, "--endpoint-url", self.stack.emulator.endpoint, "--json", *arguments],
            env=environment, capture_output=True, text=True, timeout=ADMIN_TIMEOUT_S, check=False,
        )
        if done.returncode != 0:
            raise AssertionError(f"admin {' '.join(arguments)}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def books(self) -> dict:
        """The company's minutes of this month."""
        return self.admin("company", "show", self.company)["minutes"]

    def request(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        key: str | None = "",
        idempotency_key: str | None = None,
    ) -> Answer:
        """Sends a request, with the company's own key unless another (or None) is given."""
        request = urllib.request.Request(
            self.api + path, method=method, data=None if body is None else json.dumps(body).encode()
        )
        if key is not None:
            request.add_header("Authorization", f"Bearer {key or self.key}")
        if body is not None:
            request.add_header("Content-Type", "application/json")
        if idempotency_key:
            request.add_header("Idempotency-Key", idempotency_key)
        try:
            with urllib.request.urlopen(request, timeout=REQUEST_TIMEOUT_S) as response:
                status, headers, text = response.status, response.headers, response.read()
        except urllib.error.HTTPError as error:
            status, headers, text = error.code, error.headers, error.read()
        try:
            parsed = json.loads(text) if text else {}
        except ValueError:
            parsed = {"text": text.decode(errors="replace")}
        return Answer(f"{method} {path}", status, {name.lower(): value for name, value in headers.items()}, parsed)

    @contextmanager
    def temporary_webhook(self, **fields) -> Iterator[dict]:
        """A further webhook of the company, for as long as the `with` lasts: a company can't have more than fifty."""
        webhook = self._create_webhook(fields)
        try:
            yield webhook
        finally:
            self.request("DELETE", f"/webhooks/{webhook['id']}").expect(204)

    def _create_webhook(self, fields: dict) -> dict:
        """A new webhook of the company, which posts to a path of the receiver of its own."""
        body = {"url": self.receiver.url(f"/{uuid.uuid4()}"), "events": ["interview.completed", "analysis.completed"]}
        return self.request("POST", "/webhooks", body | fields).expect(201).body

    def _create_key(self, option: str, owner: str, scopes: str) -> str:
        """A new key, which sends more requests in a minute than a plan allows."""
        created = self.admin("key", "create", option, owner, "--scopes", scopes)
        self.admin("key", "set-limits", created["id"], "--minute", "1000000", "--hour", "1000000")
        return created["key"]
