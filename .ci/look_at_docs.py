"""Opens /docs of a running API in headless Chromium and looks at what a person would see.

Ends with an error unless the page shows the operations, opens one of them, reports no error in its console and
asked nobody but the API itself for anything.
"""

import argparse
import base64
import json
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

OPERATIONS = {"POST /agents", "POST /interviews", "POST /webhooks", "GET /webhooks/{id}/deliveries"}
WAIT_SECONDS = 30


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--api", required=True, help="address of the API")
    arguments.add_argument("--screenshot", required=True, type=Path)
    arguments = arguments.parse_args()

    with tempfile.TemporaryDirectory() as profile, Browser(profile) as browser:
        browser.command("POST", "/url", {"url": f"{arguments.api}/docs"})
        try:
            shown = browser.wait_for(
                "return [...document.querySelectorAll('.opblock-summary')].map(summary => "
                "summary.querySelector('.opblock-summary-method').innerText + ' ' + "
                "summary.querySelector('.opblock-summary-path').innerText.replace(/\\u200b/g, ''))",
                lambda found: OPERATIONS <= set(found),
            )
            print(f"    operations shown: {', '.join(sorted(shown))}")

            # One of them, opened: its answers are listed, which needs the whole document to be understood.
            browser.script("document.querySelector('.opblock-summary-control').click()")
            statuses = browser.wait_for(
                "return [...document.querySelectorAll('.opblock.is-open tr.response')]"
                ".map(row => row.dataset.code)",
                lambda found: "201" in found,
            )
            print(f"    answers of the opened operation: {', '.join(statuses)}")
        finally:
            picture = browser.command("GET", "/screenshot")
            arguments.screenshot.write_bytes(base64.b64decode(picture))
            print(f"    what the browser showed: {arguments.screenshot}")

        complaints = browser.script(
            "return [...document.querySelectorAll('.errors-wrapper, .loading-container .failed-config')]"
            ".map(element => element.innerText)"
        )
        if complaints:
            sys.exit(f"the page shows errors: {complaints}")

        severe = [entry for entry in browser.log("browser") if entry["level"] == "SEVERE"]
        if severe:
            sys.exit(f"errors in the console: {severe}")

        requests = {
            message["params"]["request"]["url"]
            for message in (json.loads(entry["message"])["message"] for entry in browser.log("performance"))
            if message["method"] == "Network.requestWillBeSent"
        }
        hosts = {urlsplit(url).netloc for url in requests if urlsplit(url).scheme in ("http", "https", "ws", "wss")}
        if hosts != {urlsplit(arguments.api).netloc}:
            sys.exit(f"the page talked to {hosts or 'nobody'}: {sorted(requests)}")
        print(f"    {len(requests)} requests, all to {hosts.pop()}; no error in the console")


class Browser:
    """A headless Chromium, driven through its driver's W3C WebDriver endpoint."""

    def __init__(self, profile):
        self.profile = profile

    def __enter__(self):
        self.driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for line in self.driver.stdout:
            if started := re.search(r"started successfully on port (\d+)", line):
                self.url = f"http://127.0.0.1:{started[1]}/session"
                break
        else:
            sys.exit("chromedriver did not start")
        options = {
            "args": [
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-quic",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
                "--window-size=1280,1600",
                f"--user-data-dir={self.profile}",
            ],
            "perfLoggingPrefs": {"enableNetwork": True},
        }
        capabilities = {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }
        session = self.command("POST", "", {"capabilities": {"alwaysMatch": capabilities}})
        self.url += "/" + session["sessionId"]
        return self

    def __exit__(self, *_):
        self.command("DELETE", "")
        self.driver.terminate()
        self.driver.wait(timeout=10)

    def command(self, method, path, body=None):
        request = urllib.request.Request(
            self.url + path,
            json.dumps(body).encode() if body is not None else None,
            {"Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)["value"]

    def script(self, text):
        return self.command("POST", "/execute/sync", {"script": text, "args": []})

    def log(self, kind):
        return self.command("POST", "/se/log", {"type": kind})

    def wait_for(self, script, wanted):
        deadline = time.monotonic() + WAIT_SECONDS
        while not wanted(found := self.script(script)):
            if time.monotonic() > deadline:
                sys.exit(f"after {WAIT_SECONDS} s the page shows only {found}\n{self.log('browser')}")
            time.sleep(0.2)
        return found


if __name__ == "__main__":
    main()
