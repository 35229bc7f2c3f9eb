"""Subscribes to a running API, creates test interviews, and receives what they announce, verified by an independent
library. Fails unless each interview's two events arrive once and signed; how long they took is printed."""

import argparse
import json
import queue
import statistics
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from standardwebhooks import Webhook, WebhookVerificationError

INTERVIEWS = 20
# Only what never comes takes longer, however busy the machine is.
HANG_S = 300
# Until then everything has come that will; what comes twice comes within this time too.
QUIET_S = 2.0

arrived: "queue.Queue[tuple[float, dict, bytes]]" = queue.Queue()


class Endpoint(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        arrived.put((time.monotonic(), {name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def call(arguments, method, path, body=None):
    request = urllib.request.Request(arguments.api + path, method=method, data=body and json.dumps(body).encode())
    request.add_header("Authorization", f"Bearer {arguments.api_key}")
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=HANG_S) as answer:
        return json.load(answer)


def create_interview(arguments, number):
    return call(arguments, "POST", "/interviews", {
        "candidate": {"firstName": "Ada", "lastName": f"Nº {number}", "email": "ada@example.com",
                      "gdprExpiryDate": "2090-12-31"},
        "agent": {"name": "Screening", "type": "ONLINE", "focus": "SCREENING", "language": "SK", "duration": 15,
                  "questions": ["Čo vás baví?"]},
        "job": {"title": "Engineer"},
        "isTest": True,
    })


def verified(secret, headers, body):
    payload = Webhook(secret).verify(body.decode(), headers)
    for changed in (body.replace(b"COMPLETED", b"FAILED", 1), body + b" "):
        try:
            Webhook(secret).verify(changed.decode(), headers)
        except WebhookVerificationError:
            continue
        raise SystemExit("a changed body passed for the signed one")
    return payload


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--api", required=True)
    parser.add_argument("--api-key", required=True)
    arguments = parser.parse_args()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    Thread(target=server.serve_forever, daemon=True).start()
    webhook = call(arguments, "POST", "/webhooks", {
        "url": f"http://127.0.0.1:{server.server_port}/hooks",
        "events": ["interview.completed", "ANALYSIS_COMPLETED"],
        "headers": [{"name": "X-Tenant", "value": "seven"}],
    })
    secret = webhook["signingSecret"]

    expected, answered = set(), {}
    for number in range(INTERVIEWS):
        interview = create_interview(arguments, number)
        answered[interview["id"]] = time.monotonic()
        expected |= {(interview["id"], event) for event in ("interview.completed", "analysis.completed")}

    seen, waits, deliveries = [], [], set()
    until = time.monotonic() + HANG_S
    while time.monotonic() < until:
        try:
            at, headers, body = arrived.get(timeout=0.1)
        except queue.Empty:
            continue
        payload = verified(secret, headers, body)
        assert headers["x-tenant"] == "seven", headers
        assert headers["user-agent"].startswith("Greenroom-Webhooks/"), headers
        assert payload["deliveryId"] == headers["webhook-id"], headers
        interview_id = payload["data"]["interviewId"]
        assert payload["data"]["status"] == "COMPLETED" and payload["data"]["isTest"] is True, payload
        assert ("analysis" in payload["data"]) == (payload["event"] == "analysis.completed"), payload
        seen.append((interview_id, payload["event"]))
        deliveries.add(payload["deliveryId"])
        waits.append(at - answered[interview_id])
        if set(seen) == expected:
            until = min(until, time.monotonic() + QUIET_S)

    assert sorted(seen) == sorted(expected), f"{len(seen)} posts, expected {len(expected)}: once each"
    assert len(deliveries) == len(expected), "a deliveryId was used twice"
    listed = call(arguments, "GET", f"/webhooks/{webhook['id']}/deliveries?limit=100")["items"]
    assert {delivery["id"] for delivery in listed} == deliveries
    assert {delivery["status"] for delivery in listed} == {"SUCCEEDED"}, listed

    median = statistics.median(waits)
    print(f"{len(seen)} events of {INTERVIEWS} interviews arrived once each, verified; after the interview's answer: "
          f"median {1000 * median:.0f} ms, longest {1000 * max(waits):.0f} ms")


main()
