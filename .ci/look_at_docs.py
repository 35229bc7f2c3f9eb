"""Opens /docs of a fresh `local` in headless Chromium, looks at what a person would see, and tries out every example.

Ends with an error unless the page has its navigation, search, sections and samples, fits a phone, answers each example of
the document as the document says, reports no error in its console, and asks nobody but `local` for anything.
"""

import argparse
import json
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from browser import Browser

PHONE = {"width": 390, "height": 844}
SECTIONS = {"Authentication", "Errors", "Error codes", "Idempotency", "Webhooks"}
LANGUAGES = {"Shell", "Python", "Node.js", "PHP", "Ruby"}

# Keeps each request that the page sends, with its answer.
KEEP_REQUESTS = """
    window.kept = [];
    const send = window.fetch;
    window.fetch = async (...given) => {
        const request = given[0] instanceof Request ? given[0].clone() : new Request(...given);
        const response = await send(...given);
        const type = response.headers.get('content-type') ?? '';
        window.kept.push({
            method: request.method,
            url: request.url,
            headers: [...request.headers.keys()],
            body: await request.text(),
            status: response.status,
            shown: `${response.status} ${response.statusText}`,
            code: type.includes('problem') ? (await response.clone().json()).code : null,
        });
        return response;
    };
"""


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--api", required=True, help="address of the API")
    arguments.add_argument("--screenshot", required=True, type=Path)
    arguments = arguments.parse_args()
    with urllib.request.urlopen(f"{arguments.api}/openapi.json", timeout=10) as response:
        document = json.load(response)

    with tempfile.TemporaryDirectory() as profile, Browser(profile) as browser:
        browser.command("POST", "/url", {"url": arguments.api})
        try:
            look(browser, document)
            # Until here nothing is refused, so that an error in the console is one.
            complaints = [entry for entry in browser.log("browser") if entry["level"] == "SEVERE"]
            try_out(browser, arguments.api, document)
        finally:
            browser.screenshot(arguments.screenshot)
        # A browser calls every refusal an error of the network.
        complaints += [
            entry for entry in browser.log("browser") if entry["level"] == "SEVERE" and entry["source"] != "network"
        ]
        if complaints:
            sys.exit(f"errors in the console: {complaints}")
        fit_a_phone(browser, arguments.screenshot.with_stem(arguments.screenshot.stem + "-phone"))
        browser.asked_nobody_but(arguments.api)


def operations(document):
    """Each operation of the document, with its method and path: reads first, what changes and deletes last."""
    order = ["get", "post", "patch", "delete"]
    found = [(method, path, each) for path, each_path in document["paths"].items() for method, each in each_path.items()]
    return sorted(found, key=lambda operation: order.index(operation[0]))


def examples(operation):
    """The examples of an operation by name: summary, body, values in the path and the answer."""
    found = {}
    for parameter in operation.get("parameters", []):
        if parameter.get("in") == "path":
            for name, example in parameter["examples"].items():
                entry = found.setdefault(name, {"path": {}, "body": None, **example})
                entry["path"][parameter["name"]] = example["value"]
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    for name, example in content.get("examples", {}).items():
        entry = found.setdefault(name, {"path": {}, **example})
        entry["body"] = example["value"]
    # Without any, the only request that there is.
    success = min(int(status) for status in operation["responses"])
    return found or {"": {"path": {}, "body": None, "x-answer": {"status": success}}}


def look(browser, document):
    """The parts of the page that a person finds the way by."""
    browser.wait_for("return document.querySelectorAll('[data-sidebar-id]').length", lambda found: found > 3)
    title = browser.script("return document.title")
    if title != "Greenroom API":
        sys.exit(f"the page is called {title}")
    # Groups are opened one by one: an opened one has more of them.
    for _ in range(20):
        if not browser.script("""
            const closed = [...document.querySelectorAll('aside button, nav button')]
                .find(button => button.ariaExpanded === 'false' && /Open Group/.test(button.textContent));
            closed?.click();
            return Boolean(closed);
        """):
            break
        time.sleep(0.3)
    entries = browser.script(
        "return [...document.querySelectorAll('[data-sidebar-id]')].map(entry => entry.textContent.trim())"
    )
    wanted = SECTIONS | {operation["summary"] for _, _, operation in operations(document)}
    wanted |= {event["post"]["summary"] for event in document["webhooks"].values()}
    missing = {name for name in wanted if not any(entry.startswith(name) for entry in entries)}
    if missing:
        sys.exit(f"the navigation lacks {missing}: {entries}")
    print(f"    navigation: {len(wanted)} sections, operations and events")

    buttons = browser.script("return [...document.querySelectorAll('button')].map(button => button.innerText.trim())")
    if not any("Search" in text for text in buttons) or not LANGUAGES <= set(buttons):
        sys.exit(f"no search, or not all of {LANGUAGES}: {buttons}")


def try_out(browser, api, document):
    """Sends each example by the page's own buttons."""
    tried = 0
    for method, path, operation in operations(document):
        # A fresh page each time: it remembers an example that was chosen, also for other operations.
        fragment = f"tag/{operation['tags'][0].lower()}/{method.upper()}{path}"
        browser.command("POST", "/url", {"url": f"{api}/docs?{tried}#{fragment}"})
        browser.script(KEEP_REQUESTS)
        for place, (name, example) in enumerate(examples(operation).items()):
            kept = send(browser, method, path, example, chosen=place == 0)
            wrong = differences(api, method, path, example, kept)
            if wrong:
                sys.exit(f"{method.upper()} {path}, {name or 'without example'}: {wrong}\n{kept}")
            tried += 1
    print(f"    examples tried out and answered as documented: {tried}")


def send(browser, method, path, example, chosen):
    """The request that the page sent for an example, with its answer. The first example has to be chosen already."""
    card = f"""
        const button = [...document.querySelectorAll('.show-api-client-button')]
            .find(button => button.textContent.includes('({method} {path})'));
        const picker = button?.closest('.request-card-footer').querySelector('[data-testid=example-picker]');
    """
    # The client stays in the page when it is closed, unseen.
    client = """
        const send = [...document.querySelectorAll('[data-addressbar-action=send]')]
            .find(button => button.checkVisibility({visibilityProperty: true}));
    """
    if not browser.script(client + "return Boolean(send)"):
        browser.wait_for(card + "return Boolean(button)", bool)
        if not chosen and browser.script(card + "picker?.click(); return Boolean(picker)"):
            option = """
                const option = [...document.querySelectorAll('[role=option]')]
                    .find(option => option.textContent.trim() === arguments[0]);
            """
            browser.wait_for(option + "return Boolean(option)", bool, example["summary"])
            browser.script(option + "option.click()", example["summary"])
            browser.wait_for(card + "return picker.textContent.trim()", lambda text: text == example["summary"])
        browser.script(card + "button.click()")
        named = f"{method} request"
        browser.wait_for(client + "return send?.textContent", lambda text: text and named in text and path in text)
    for parameter, value in example["path"].items():
        cell = f"const cell = document.querySelector('tr[id=\"{parameter}\"] [contenteditable][aria-label$=Value]');"
        browser.wait_for(cell + "return Boolean(cell)", bool)
        if browser.script(cell + "return cell.textContent") != value:
            if chosen:
                sys.exit(f"{method} {path} has another {parameter} at first")
            browser.script(
                cell + "cell.focus(); document.execCommand('selectAll');"
                "document.execCommand('insertText', false, arguments[0])",
                value,
            )
            browser.wait_for(cell + "return cell.textContent", lambda text: text == value)
    before = browser.script("return kept.length")
    browser.script(client + "send.click()")
    browser.wait_for("return kept.length", lambda length: length > before)
    kept = browser.script("return kept.at(-1)")
    browser.wait_for("return document.querySelector('.scalar-container').innerText", lambda text: kept["shown"] in text)
    if example["body"] is not None:
        # Another body is chosen on the page behind the client, another value in the client.
        browser.script("document.querySelector('.app-exit-button').click()")
        browser.wait_for(client + "return Boolean(send)", lambda is_open: not is_open)
    return kept


def differences(api, method, path, example, kept):
    """The ways in which a request that was sent, or its answer, is not the documented one."""
    for parameter, value in example["path"].items():
        path = path.replace("{" + parameter + "}", value)
    sent = json.loads(kept["body"]) if kept["body"] else None
    comparisons = {
        "method": (method.upper(), kept["method"]),
        "address": (api + path, kept["url"].partition("?")[0]),
        "body": (example["body"], sent),
        "status": (example["x-answer"]["status"], kept["status"]),
        "code": (example["x-answer"].get("code"), kept["code"]),
        "prefilled headers": ([], [name for name in kept["headers"] if name == "idempotency-key"]),
        "the demo key": (True, "authorization" in kept["headers"]),
    }
    return {name: pair for name, pair in comparisons.items() if pair[0] != pair[1]}


def fit_a_phone(browser, picture):
    """The page in the width of a phone: nothing is wider than the screen, and the menu opens."""
    browser.command("POST", "/window/rect", PHONE)
    browser.command("POST", "/refresh", {})
    browser.wait_for("return document.querySelectorAll('section').length", lambda found: found > 2)
    shown, wanted = browser.script("return [innerWidth, document.documentElement.scrollWidth]")
    browser.screenshot(picture)
    if wanted > shown:
        sys.exit(f"at {shown} pixels the page wants {wanted}")
    print(f"    fits a width of {shown} pixels")


if __name__ == "__main__":
    main()
