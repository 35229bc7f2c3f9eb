"""Runs the samples of docs/conductor.md, as they stand on the page, against a running API whose own conductor is off.

Each sample conducts an interview online and a failed call, which it takes from the queue and reports. Ends with an error
unless the API shows both as they were reported, with the analysis and the transcript.
"""

import argparse
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from functools import partial
from pathlib import Path

from run_samples import blocks_of, build_node, build_python, build_rust

PAGE = Path("docs/conductor.md")
WAIT_SECONDS = 60
# Interviews of the demo company's examples may be due as well.
INTERVIEWS_MAX = 20

ONLINE = {"name": "Online", "type": "ONLINE", "focus": "SCREENING", "language": "EN", "duration": 15}
CALL = {"id": "d3b07384-d9a0-4c9b-8f3e-0a1b2c3d4e5f", "status": "FAILED", "reasonCode": "NO_ANSWER",
        "scheduledAt": "2026-11-27T10:00:30.000Z", "calledAt": "2026-11-27T10:00:30.000Z"}


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--scratch", required=True, type=Path, help="an empty folder")
    arguments.add_argument("--node-modules", required=True, type=Path, help="the folder that has @aws-sdk/client-sqs")
    arguments.add_argument("--api", required=True)
    arguments.add_argument("--api-key", required=True)
    arguments.add_argument("--services", required=True, help="the endpoint of the queues")
    arguments = arguments.parse_args()
    api = Api(arguments.api, arguments.api_key)
    page = PAGE.read_text()
    # What the page says a conversation and an analysis look like.
    examples = [json.loads(block) for block in blocks_of(page, "json")]
    said = {example.get("event"): example for example in examples}
    analysis = said["analysis.completed"]["analysis"]
    transcript = said["completed"]["transcript"]

    for language, (build, command) in LANGUAGES.items():
        [sample] = blocks_of(page, language)
        folder = arguments.scratch / f"conductor-{language}"
        folder.mkdir()
        (folder / "node_modules").symlink_to(arguments.node_modules.resolve())
        build(folder, sample)
        run = Conductor(folder, command(folder), arguments.services, analysis)

        [number] = api.get("/phone-numbers?limit=1")["items"]
        phone = ONLINE | {"name": "Phone", "type": "PHONE", "companyPhoneNumberId": number["id"]}
        held = api.create_interview(ONLINE)
        run.until(held, {"transcript": transcript})
        shown = api.until(held, lambda interview: "analysis" in interview)
        expect(language, shown["status"], "COMPLETED")
        expect(language, shown["analysis"]["specific"], analysis["specific"])
        expect(language, api.get(f"/interviews/{held}/transcript")["segments"], transcript)

        failed = api.create_interview(phone)
        run.until(failed, {"reason": "NO_ANSWER", "callAttempts": [CALL]})
        shown = api.until(failed, lambda interview: interview["status"] != "IN_PROGRESS")
        expect(language, (shown["status"], shown["failureReason"]), ("FAILED", "NO_ANSWER"))
        expect(language, [attempt | CALL for attempt in shown["callAttempts"]], shown["callAttempts"])
        print(f"    {language}: an interview conducted and analysed, another failed")


def expect(language, actual, expected):
    if actual != expected:
        sys.exit(f"{language}: {actual!r} instead of {expected!r}")


class Conductor:
    """A program around a sample: conducts one interview each time it is run."""

    def __init__(self, folder, command, services, analysis):
        queue = f"{services}/000000000000/interview-"
        self.folder, self.command, self.analysis = folder, command, analysis
        self.environment = os.environ | {
            "AWS_ENDPOINT_URL_SQS": services, "AWS_REGION": "local", "AWS_DEFAULT_REGION": "local",
            "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
            "STARTS_URL": f"{queue}starts", "RESULTS_URL": f"{queue}results",
        }

    def until(self, interview, conversation):
        asked = json.dumps({"conversation": conversation, "analysis": self.analysis})
        for _ in range(INTERVIEWS_MAX):
            ran = subprocess.run(self.command, cwd=self.folder, env=self.environment, input=asked,
                                 stdout=subprocess.PIPE, text=True, check=True)
            if ran.stdout.strip() == interview:
                return
        sys.exit(f"{self.folder.name}: {interview} was not among {INTERVIEWS_MAX} interviews; the last: {ran.stdout!r}")


class Api:
    def __init__(self, url, key):
        self.url, self.headers = url, {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def get(self, path):
        return self.send(urllib.request.Request(self.url + path, headers=self.headers))

    def send(self, request):
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            sys.exit(f"{request.method or 'GET'} {request.full_url}: {error.status} {error.read().decode()}")

    def create_interview(self, agent):
        candidate = {"firstName": "Jane", "lastName": "Doe", "phoneNumber": "+421901234567", "gdprExpiryDate": "2099-12-31"}
        body = json.dumps({"candidate": candidate, "agent": agent, "job": {"title": "Support engineer"}}).encode()
        return self.send(urllib.request.Request(f"{self.url}/interviews", body, self.headers))["id"]

    def until(self, interview, done):
        for _ in range(WAIT_SECONDS * 10):
            shown = self.get(f"/interviews/{interview}")
            if done(shown):
                return shown
            time.sleep(0.1)
        sys.exit(f"after {WAIT_SECONDS} s: {shown}")


# What calls each sample: conducts one interview, with the conversation and the analysis that it reads, and writes its id.

PYTHON = """
import json, os, sys
from sample import conduct_next
asked = json.load(sys.stdin)
print(conduct_next(
    os.environ["STARTS_URL"], os.environ["RESULTS_URL"],
    lambda start: asked["conversation"], lambda start, conversation: asked["analysis"],
))
"""

NODE = """
import { readFileSync } from "node:fs";
import { conductNext } from "./sample.mjs";
const { conversation, analysis } = JSON.parse(readFileSync(0));
const { STARTS_URL, RESULTS_URL } = process.env;
console.log(await conductNext(STARTS_URL, RESULTS_URL, async () => conversation, async () => analysis));
"""

RUST = """
mod sample;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let asked: serde_json::Value = serde_json::from_reader(std::io::stdin()).unwrap();
    let variable = |name: &str| std::env::var(name).unwrap();
    // The endpoint is on this machine, without TLS.
    let http_client = aws_smithy_http_client::Builder::new().build_http();
    let config = aws_config::defaults(aws_config::BehaviorVersion::latest()).http_client(http_client).load().await;
    let (client, starts, results) = (aws_sdk_sqs::Client::new(&config), variable("STARTS_URL"), variable("RESULTS_URL"));
    let id = sample::conduct_next(
        &client,
        &starts,
        &results,
        async |_| asked["conversation"].clone(),
        async |_, _| asked["analysis"].clone(),
    );
    println!("{}", id.await.unwrap().unwrap_or_default());
}
"""

RUST_DEPENDENCIES = """
aws-config = { version = "1", default-features = false, features = ["rt-tokio"] }
aws-sdk-sqs = { version = "1", default-features = false, features = ["rt-tokio"] }
aws-smithy-http-client = { version = "1", features = ["rustls-ring"] }
chrono = "0.4"
serde_json = "1"
tokio = { version = "1", features = ["macros", "rt", "time"] }
"""


LANGUAGES = {
    "python": (partial(build_python, main=PYTHON), lambda folder: [sys.executable, "main.py"]),
    "js": (partial(build_node, main=NODE), lambda folder: ["node", "main.mjs"]),
    "rust": (
        partial(build_rust, main=RUST, dependencies=RUST_DEPENDENCIES),
        lambda folder: [str(folder / "target/debug/sample")],
    ),
}

if __name__ == "__main__":
    main()
