"""Runs the samples of docs/webhooks.md that verify posts, as they stand on the page.

Posts are signed by the Python library of Standard Webhooks, which shares no code with us or with the samples. Ends with
an error unless every sample accepts what is genuine, with the event as its answer, and refuses everything else.
"""

import argparse
import base64
import json
import os
import re
import secrets
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path

from standardwebhooks import Webhook

PAGE = Path("docs/webhooks.md")
ID = "019aab01-9900-8d2e-9f6a-3c1e5b7d9042"
# Not as any program would write it again: who verifies what it has parsed will fail.
BODY = '{"event": "analysis.completed",  "data":{"weight":1.50,"note":"žlutý kůň"}}'


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--scratch", required=True, type=Path, help="an empty folder")
    scratch = arguments.parse_args().scratch

    page = PAGE.read_text()
    for language, (build, command) in LANGUAGES.items():
        blocks = blocks_of(page, language)
        if len(blocks) != 1:
            sys.exit(f"{len(blocks)} samples in {language}, expected one")
        folder = scratch / language
        folder.mkdir()
        build(folder, blocks[0])
        # Made now, because their age counts.
        cases = list(all_cases())
        asked = [{"secret": case.secret, "headers": case.headers, "body": case.body.decode()} for case in cases]
        ran = subprocess.run(
            command(folder), cwd=folder, input=json.dumps(asked), stdout=subprocess.PIPE, text=True, check=True
        )
        verdicts = [json.loads(line) for line in ran.stdout.splitlines()]
        if len(verdicts) != len(cases):
            sys.exit(f"{language}: {len(verdicts)} verdicts on {len(cases)} posts")
        for case, verdict in zip(cases, verdicts):
            if verdict != (json.loads(case.body) if case.genuine else None):
                sys.exit(f"{language}: {case.name}: {'refused' if verdict is None else f'accepted as {verdict}'}")
        genuine = sum(case.genuine for case in cases)
        print(f"    {language}: {genuine} genuine posts accepted, {len(cases) - genuine} others refused")


def blocks_of(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


class Case:
    """A post, whether it is genuine, and the secret that the receiver has."""

    def __init__(self, name, genuine, secret, signing, age=timedelta(), body=BODY, signed=BODY, **headers):
        at = datetime.now(timezone.utc) - age
        signatures = [Webhook(key).sign(ID, at, signed) for key in signing]
        self.name, self.genuine, self.secret, self.body = name, genuine, secret, body.encode()
        self.headers = {
            "webhook-id": ID,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(signatures),
        }
        for header, change in headers.items():
            header = header.replace("_", "-")
            changed = change(self.headers[header])
            if changed is None:
                del self.headers[header]
            else:
                self.headers[header] = changed


def all_cases():
    ours, before, foreign = (f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}" for _ in range(3))
    minutes = lambda count: timedelta(minutes=count)

    yield Case("signed", True, ours, [ours])
    yield Case("four minutes old", True, ours, [ours], age=minutes(4))
    yield Case("four minutes ahead", True, ours, [ours], age=minutes(-4))
    yield Case("two signatures, the receiver has the new secret", True, ours, [ours, before])
    yield Case("two signatures, the receiver has the old secret", True, before, [ours, before])
    yield Case("a signature of another kind besides", True, ours, [ours], webhook_signature=lambda s: f"v1a,AAAA {s}")

    yield Case("another secret", False, ours, [foreign])
    yield Case("two signatures, both foreign", False, ours, [before, foreign])
    yield Case("a changed body", False, ours, [ours], body=BODY.replace("1.50", "1.51"))
    yield Case("a body written anew", False, ours, [ours], body=json.dumps(json.loads(BODY)))
    yield Case("a longer body", False, ours, [ours], body=BODY + " ")
    yield Case("no body", False, ours, [ours], body="")
    yield Case("another id", False, ours, [ours], webhook_id=lambda id: id.replace("0", "1"))
    yield Case("six minutes old", False, ours, [ours], age=minutes(6))
    yield Case("six minutes ahead", False, ours, [ours], age=minutes(-6))
    yield Case("old, with a new timestamp", False, ours, [ours], age=minutes(6),
               webhook_timestamp=lambda at: str(int(at) + 360))
    yield Case("a timestamp that is none", False, ours, [ours], webhook_timestamp=lambda _: "now")
    yield Case("an empty signature", False, ours, [ours], webhook_signature=lambda _: "v1,")
    yield Case("half a signature", False, ours, [ours], webhook_signature=lambda s: s[:20])
    yield Case("another version", False, ours, [ours], webhook_signature=lambda s: s.replace("v1,", "v2,"))
    yield Case("no version", False, ours, [ours], webhook_signature=lambda s: s.replace("v1,", ""))
    yield Case("no id", False, ours, [ours], webhook_id=lambda _: None)
    yield Case("no timestamp", False, ours, [ours], webhook_timestamp=lambda _: None)
    yield Case("no signature", False, ours, [ours], webhook_signature=lambda _: None)


# What calls each sample: reads posts, and writes for each the event in a line, or null if it was refused.

PYTHON = """
import json, sys
from sample import verify
for post in json.load(sys.stdin):
    try:
        print(json.dumps(verify(post["secret"], post["headers"], post["body"].encode())))
    except (KeyError, ValueError):
        print("null")
"""

NODE = """
import { readFileSync } from "node:fs";
import { verify } from "./sample.mjs";
for (const { secret, headers, body } of JSON.parse(readFileSync(0))) {
  try {
    console.log(JSON.stringify(verify(secret, headers, Buffer.from(body))));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    console.log("null");
  }
}
"""

RUST = """
mod sample;

#[derive(serde::Deserialize)]
struct Post {
    secret: String,
    headers: std::collections::HashMap<String, String>,
    body: String,
}

fn main() {
    let posts: Vec<Post> = serde_json::from_reader(std::io::stdin()).unwrap();
    for Post { secret, headers, body } in posts {
        let headers = http::HeaderMap::try_from(&headers).unwrap();
        match sample::verify(&secret, &headers, body.as_bytes()) {
            Ok(event) => println!("{event}"),
            Err(_) => println!("null"),
        }
    }
}
"""

RUST_MANIFEST = """
[package]
name = "sample"
edition = "2024"

[dependencies]
{dependencies}
[workspace]
"""

RUST_DEPENDENCIES = """
http = "1"
serde = { version = "1", features = ["derive"] }
serde_json = "1"
standardwebhooks = "1"
"""


def build_python(folder, sample, main):
    (folder / "sample.py").write_text(sample)
    (folder / "main.py").write_text(main)


def build_node(folder, sample, main):
    (folder / "sample.mjs").write_text(sample)
    (folder / "main.mjs").write_text(main)


def build_rust(folder, sample, main, dependencies):
    (folder / "src").mkdir()
    (folder / "src/sample.rs").write_text(sample)
    (folder / "src/main.rs").write_text(main)
    (folder / "Cargo.toml").write_text(RUST_MANIFEST.format(dependencies=dependencies))
    # The versions that the workspace has, so that nothing is fetched.
    (folder / "Cargo.lock").write_text(Path("Cargo.lock").read_text())
    environment = os.environ | {"CARGO_TARGET_DIR": str(folder / "target"), "RUSTFLAGS": "-D warnings"}
    subprocess.run(["cargo", "build", "--quiet", "--offline"], cwd=folder, env=environment, check=True)


LANGUAGES = {
    # -S: nothing but the standard library, as the page says.
    "python": (partial(build_python, main=PYTHON), lambda folder: [sys.executable, "-S", "main.py"]),
    "js": (partial(build_node, main=NODE), lambda folder: ["node", "main.mjs"]),
    "rust": (
        partial(build_rust, main=RUST, dependencies=RUST_DEPENDENCIES),
        lambda folder: [str(folder / "target/debug/sample")],
    ),
}

if __name__ == "__main__":
    main()
