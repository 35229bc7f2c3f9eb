"""A headless Chromium for the steps that look at pages."""

import base64
import json
import re
import subprocess
import sys
import time
import urllib.request
from urllib.parse import urlsplit

WAIT_SECONDS = 30


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

    def script(self, text, *arguments):
        return self.command("POST", "/execute/sync", {"script": text, "args": arguments})

    def log(self, kind):
        return self.command("POST", "/se/log", {"type": kind})

    def screenshot(self, file):
        file.write_bytes(base64.b64decode(self.command("GET", "/screenshot")))
        print(f"    what the browser showed: {file}")

    def wait_for(self, script, wanted, *arguments):
        deadline = time.monotonic() + WAIT_SECONDS
        while not wanted(found := self.script(script, *arguments)):
            if time.monotonic() > deadline:
                sys.exit(f"after {WAIT_SECONDS} s the page shows only {found}\n{script}\n{self.log('browser')}")
            time.sleep(0.1)
        return found

    def asked_nobody_but(self, server):
        """Every request since the start went to that server."""
        requests = {
            message["params"]["request"]["url"]
            for message in (json.loads(entry["message"])["message"] for entry in self.log("performance"))
            if message["method"] == "Network.requestWillBeSent"
        }
        hosts = {urlsplit(url).netloc for url in requests if urlsplit(url).scheme in ("http", "https", "ws", "wss")}
        if hosts != {urlsplit(server).netloc}:
            sys.exit(f"the page talked to {hosts or 'nobody'}: {sorted(requests)}")
        print(f"    {len(requests)} addresses asked, all of {hosts.pop()}; no error in the console")
