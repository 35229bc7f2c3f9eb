"""Opens /console of a fresh `local` in headless Chromium, and does once what it offers.

Ends with an error unless interviews that are created by HTTP appear by themselves, one can be cancelled by keyboard
alone and its minutes return, candidates are found while a name is typed, webhooks can be tested, redelivered to and given another secret, names from strangers stay texts,
every page fits a phone and a wide screen, and the console reports no error and asks nobody but `local` for anything.
"""

import argparse
import json
import sys
import tempfile
import threading
import urllib.request
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from browser import Browser

# A name that would run a script if it was taken for HTML anywhere.
HOSTILE = '<img src="x" onerror="window.broken = true">'
SECTIONS = ["Interviews", "Candidates", "Agents", "Jobs", "Webhooks"]
WIDTHS = {"phone": (360, 780), "wide": (1280, 900)}
KEYS = {"Tab": "\ue004", "Enter": "\ue007", "Escape": "\ue00c", "Shift": "\ue008"}


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--api", required=True, help="address of the API")
    arguments.add_argument("--key", required=True, help="key of the demo company")
    arguments.add_argument("--screenshots", required=True, type=Path, help="folder of pictures")
    arguments = arguments.parse_args()
    api = Api(arguments.api, arguments.key)

    with tempfile.TemporaryDirectory() as profile, Browser(profile) as browser:
        page = Page(browser, arguments.screenshots)
        browser.command("POST", "/url", {"url": f"{arguments.api}/console"})
        sign_in(page)
        scheduled = appears(page, api)
        reads(page, api)
        cancels(page, scheduled)
        searches(page)
        webhooks(page, api)
        walks(page)
        complaints = [entry for entry in browser.log("browser") if entry["level"] == "SEVERE"]
        if complaints:
            sys.exit(f"errors in the console: {complaints}")
        keeps_the_key(page, arguments.key)
        browser.asked_nobody_but(arguments.api)


class Api:
    """The API as `curl` calls it."""

    def __init__(self, address, key):
        self.address = address
        self.key = key

    def call(self, method, path, body=None):
        request = urllib.request.Request(
            self.address + path,
            json.dumps(body).encode() if body is not None else None,
            {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)

    def create_interview(self, first_name, **others):
        today = datetime.now(timezone.utc).date()
        body = {
            "candidate": {
                "firstName": first_name,
                "lastName": "Novak",
                "email": "novak@example.com",
                "gdprExpiryDate": str(today + timedelta(days=365)),
            },
            "agent": {"name": "Console", "type": "ONLINE", "focus": "SCREENING", "language": "EN", "duration": 20},
            "job": {"title": "Support engineer"},
        }
        return self.call("POST", "/interviews", body | others)


class Page:
    """The console in a browser."""

    def __init__(self, browser, pictures):
        self.browser = browser
        self.pictures = pictures
        self.script = browser.script

    def text(self, wanted, where="document.body"):
        """Waits until a text is shown."""
        self.browser.wait_for(f"return {where}?.innerText ?? ''", lambda text: wanted in text)

    def press(self, *keys):
        """Presses keys one after another, as a keyboard does."""
        actions = []
        for key in keys:
            value = KEYS.get(key, key)
            actions += [{"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}]
        self.browser.command("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def focused(self):
        """The name of what has the focus."""
        return self.script(
            "const focused = document.activeElement;"
            "return focused === document.body ? '' : (focused.ariaLabel || focused.innerText || focused.id).trim()"
        )

    def tab_to(self, wanted):
        """Goes on by the Tab key until what has the focus begins with a text."""
        for _ in range(200):
            if self.focused().startswith(wanted):
                return
            self.press("Tab")
        sys.exit(f"the keyboard does not reach {wanted!r}")

    def open(self, address):
        self.script("location.hash = arguments[0]", address)
        self.browser.wait_for("return document.querySelector('main .loading') === null", bool)

    def remaining(self):
        """The minutes that are left, as they are shown."""
        shown = "return document.querySelector('[data-amount=remaining]')?.innerText"
        return float(self.browser.wait_for(shown, bool).replace(",", ""))

    def wait_for_remaining(self, minutes):
        self.browser.wait_for(
            "return document.querySelector('[data-amount=remaining]').innerText",
            lambda text: float(text.replace(",", "")) == minutes,
        )

    def take(self, name):
        """The page on a phone and on a wide screen, by day and by night; nothing is wider than the screen."""
        for device, (width, height) in WIDTHS.items():
            for scheme in ("light", "dark"):
                self.emulate(width, height, scheme)
                shown, wanted = self.script("return [innerWidth, document.documentElement.scrollWidth]")
                if shown != width or wanted > shown:
                    sys.exit(f"{name} wants {wanted} pixels where {shown} are")
                self.browser.screenshot(self.pictures / f"console-{name}-{device}-{scheme}.png")

    def emulate(self, width, height, scheme):
        media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        for command, parameters in (("setEmulatedMedia", media), ("setDeviceMetricsOverride", size)):
            command = f"Emulation.{command}"
            self.browser.command("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})


def sign_in(page):
    page.text("Use the demo company's key")
    page.take("sign-in")
    page.tab_to("Use the demo company's key")
    page.press("Enter")
    page.browser.wait_for("return document.querySelectorAll('main .rows a').length", bool)
    print("    signed in with the demo company's key")


def appears(page, api):
    """What is created outside appears by itself, and its reservation is taken from the allowance."""
    before = page.remaining()
    scheduled = api.create_interview(
        HOSTILE, scheduleTime=(datetime.now(timezone.utc) + timedelta(days=2)).isoformat()
    )
    page.text(f"{HOSTILE} Novak", "document.querySelector('main .rows')")
    page.wait_for_remaining(before - 20)
    if page.script("return window.broken || document.querySelector('main img') !== null"):
        sys.exit("a candidate's name was taken for HTML")
    page.take("interviews")
    print("    an interview appeared by itself, and 20 minutes are reserved; its candidate's name stayed a text")
    return scheduled["id"]


def reads(page, api):
    """A test interview has an analysis and a transcript."""
    interview = api.create_interview("Ada", isTest=True)
    transcript = api.call("GET", f"/interviews/{interview['id']}/transcript")
    page.open(f"#/interviews/{interview['id']}")
    page.text("Interview with Ada Novak")
    page.text(interview["analysis"]["general"]["strongPoints"][0])
    page.text(transcript["segments"][0]["text"])
    page.take("interview")
    print("    one with its analysis and transcript")


def searches(page):
    """A candidate is found while a part of the name is typed, whatever its case."""
    page.open("#/candidates")
    page.script("document.querySelector('#filter-search').focus()")
    rows = "return [...document.querySelectorAll('main .rows .row-title')].map(title => title.innerText)"
    page.press(*"ADA")
    page.browser.wait_for(rows, lambda names: names == ["Ada Novak"])
    if page.script("return document.activeElement.value") != "ADA":
        sys.exit("the search lost its focus or its text")
    page.press(*"xyz")
    page.text("Nothing fits", "document.querySelector('main')")
    page.take("search")
    page.emulate(*WIDTHS["wide"], "light")
    print("    a candidate was found while the name was typed")


def cancels(page, scheduled):
    """A scheduled interview is cancelled by keyboard alone, and its reservation returns."""
    page.emulate(*WIDTHS["wide"], "light")
    page.open("#/interviews?status=SCHEDULED")
    before = page.remaining()
    page.script("document.querySelector('.skip').focus()")
    page.press("Enter")
    page.tab_to(HOSTILE)
    page.press("Enter")
    page.text(f"Interview with {HOSTILE}", "document.querySelector('main h1')")
    page.browser.wait_for("return document.activeElement.tagName", lambda name: name == "H1")
    page.tab_to("Cancel the interview")
    page.press("Enter")
    page.text("can't be undone", "document.querySelector('dialog')")
    page.take("cancel")
    page.emulate(*WIDTHS["wide"], "light")
    page.press("Escape")
    page.browser.wait_for("return document.querySelector('dialog') === null", bool)
    if page.focused() != "Cancel the interview":
        sys.exit(f"after the dialog the focus is on {page.focused()!r}")
    page.press("Enter")
    page.text("can't be undone", "document.querySelector('dialog')")
    page.tab_to("Cancel the interview")
    page.press("Enter")
    page.browser.wait_for("return document.querySelector('main .headline').innerText", lambda text: "Cancelled" in text)
    page.wait_for_remaining(before + 20)
    if scheduled not in page.script("return location.hash"):
        sys.exit("another interview was cancelled")
    print("    cancelled by keyboard alone, and its 20 minutes returned")


def endpoint():
    """The address of an endpoint that takes every post."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/"


def webhooks(page, api):
    """A webhook is tested, told once more of an event, and given another secret."""
    webhook = api.call(
        "POST",
        "/webhooks",
        {"url": endpoint(), "name": "Console", "events": ["interview.completed"]},
    )
    api.create_interview("Jane", isTest=True)
    page.open("#/webhooks")
    page.take("webhooks")
    page.open(f"#/webhooks/{webhook['id']}")
    page.text("interview.completed", "document.querySelector('main .rows')")
    page.text("Succeeded", "document.querySelector('main .rows')")
    page.text("1 attempt ", "document.querySelector('main .rows')")
    page.script("document.querySelector('main .rows button').click()")
    page.text("delivered once more", "document.querySelector('.notices')")
    page.text("2 attempts", "document.querySelector('main .rows')")
    button = "[...document.querySelectorAll('main .headline button')].find(button => button.innerText === arguments[0])"
    page.script(f"{button}.click()", "Send a test")
    page.text("took the ping", "document.querySelector('.notices')")
    page.take("webhook")
    page.script(f"{button}.focus(); {button}.click()", "Replace the secret")
    page.text("shown once", "document.querySelector('dialog')")
    page.tab_to("Replace the secret")
    page.press("Enter")
    secret = page.browser.wait_for("return document.querySelector('dialog .secret')?.innerText", bool)
    if not secret.startswith("whsec_") or secret == webhook["signingSecret"]:
        sys.exit("the secret is none, or the old one")
    page.take("secret")
    page.emulate(*WIDTHS["wide"], "light")
    page.tab_to("Done")
    page.press("Enter")
    page.browser.wait_for("return document.querySelector('dialog') === null", bool)
    if secret in page.script("return document.documentElement.outerHTML"):
        sys.exit("the secret is still in the page")
    print("    a webhook was tested, told once more, and given another secret, which was shown once")


def walks(page):
    """Each section is reached by keyboard, titled, focused at its title, and fits; all that has the focus shows it."""
    for section in SECTIONS:
        page.emulate(*WIDTHS["wide"], "light")
        page.script("document.querySelector('.skip').focus()")
        page.tab_to(section)
        page.press("Enter")
        page.browser.wait_for("return document.title", lambda title: title.startswith(section))
        page.browser.wait_for("return document.activeElement.innerText", lambda text: text == section)
        page.browser.wait_for("return document.querySelectorAll('main .rows a').length", bool)
        page.take(section.lower())
        address = page.script("return document.querySelector('main .rows a').hash")
        page.open(address)
        page.browser.wait_for("return document.querySelector('main .facts') !== null", bool)
        page.take(f"one-of-{section.lower()}")
        page.emulate(*WIDTHS["wide"], "light")
        unseen = page.script("""
            const unseen = [];
            for (const each of document.querySelectorAll('a[href], button, select, input')) {
                if (!each.checkVisibility()) continue;
                each.focus({focusVisible: true});
                const style = getComputedStyle(each);
                if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) unseen.push(each.outerHTML);
                if (!(each.ariaLabel || each.innerText.trim() || each.labels?.length)) unseen.push(each.outerHTML);
            }
            return unseen;
        """)
        if unseen:
            sys.exit(f"no visible focus, or no name: {unseen}")
    print(f"    {len(SECTIONS)} sections and one of each: by keyboard, with visible focus, at 360 and 1280 pixels")


def keeps_the_key(page, key):
    """The key is in this tab's storage only, and gone after signing out; a refusal tells its code and request."""
    kept = page.script("""
        return {
            session: JSON.stringify({...sessionStorage}),
            elsewhere: location.href + document.cookie + JSON.stringify({...localStorage})
                + JSON.stringify(performance.getEntriesByType('resource').map(entry => entry.name))
                + document.documentElement.outerHTML,
        };
    """)
    if key not in kept["session"] or key in kept["elsewhere"]:
        sys.exit("the key is kept elsewhere than in the tab's storage")
    page.script("document.querySelector('.sign-out').click()")
    page.text("API key")
    if page.script("return sessionStorage.length"):
        sys.exit("the key is kept after signing out")
    # The last of its checksum is another one.
    page.script("document.querySelector('#key').value = arguments[0]", key[:-1] + "0")
    page.script("document.querySelector('[type=submit]').click()")
    page.text("INVALID_API_KEY")
    page.text("request ")
    print("    the key is in the tab's storage only; a wrong one is refused with code and request id")


if __name__ == "__main__":
    main()
