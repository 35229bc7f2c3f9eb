/** The parts that views are put together from. */

import { element, svg } from "./dom.js";
import { distance, full, memberName, moment, number, word } from "./format.js";

/** Drawings of 24 by 24, as paths. */
const ICONS = {
    interviews: "M4 5h16v11H9l-5 4z",
    candidates: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 20c1-4 4-5 8-5s7 1 8 5",
    agents: "M12 3v3M5 8h14v10H5zM9 12v2M15 12v2M2 12v3M22 12v3",
    jobs: "M4 8h16v11H4zM9 8V5h6v3M4 13h16",
    webhooks: "M9 8a3 3 0 1 1 5 2l3 5M6 17a3 3 0 1 0 3 1h7M12 9l-4 7M17 15a3 3 0 1 1-1 5",
    signOut: "M14 4h5v16h-5M4 12h10M10 8l4 4-4 4",
    back: "M15 5l-7 7 7 7",
};

/** Tones of statuses, which the style sheet colours. */
const TONES = {
    SCHEDULED: "blue",
    IN_PROGRESS: "amber",
    IN_PROCESS: "amber",
    COMPLETED: "green",
    SUCCEEDED: "green",
    ACCEPTED: "green",
    OPEN: "green",
    FAILED: "red",
    REJECTED: "red",
    PENDING: "amber",
    APPLIED: "blue",
};

export function icon(name) {
    return svg("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, svg("path", { d: ICONS[name] }));
}

/** A kind, as a chip. */
export function label(kind) {
    return element("span", { class: "chip plain" }, word(kind));
}

/** A status, as a chip with a dot. */
export function chip(status, text = word(status), tone = TONES[status] ?? "grey") {
    return element("span", { class: `chip ${tone}`, "data-status": status }, text);
}

export function time(at) {
    return element("time", { datetime: at, title: full(at) }, moment(at));
}

/** A time with its distance. */
export function timeFromNow(at) {
    return [time(at), element("span", { class: "quiet" }, ` ${distance(at)}`)];
}

/** Names with values; those without one are left out. A third member, "wide", gives an entry a line of its own. */
export function facts(entries) {
    const present = entries.filter(([, value]) => value);
    return element(
        "dl",
        { class: "facts" },
        present.map(([name, value, width]) =>
            element("div", { class: width }, element("dt", {}, name), element("dd", {}, value)),
        ),
    );
}

/** An identity, with a button that copies it. */
export function identity(id) {
    return [element("code", {}, id), " ", copyButton("Copy", id)];
}

/** A button that copies a text, and says so. */
function copyButton(label, text) {
    const copy = async ({ currentTarget }) => {
        try {
            await navigator.clipboard.writeText(text);
            currentTarget.textContent = "Copied";
        } catch {
            currentTarget.textContent = "Select it: copying is not allowed";
        }
    };
    return element("button", { type: "button", class: "small", "aria-live": "polite", onclick: copy }, label);
}

/** A link to another site; the text alone if it is no web address. */
export function externalLink(address) {
    if (!/^https?:\/\//i.test(address)) return address;
    return element("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, address);
}

export function section(title, ...children) {
    return element("section", { class: "card" }, element("h2", {}, title), children);
}

/** What is shown where there is nothing. */
export function empty(title, text) {
    return element("div", { class: "empty" }, element("p", { class: "empty-title" }, title), element("p", {}, text));
}

/** A bar of parts, each `[class, amount]`, of a whole. What they mean is told beside it. */
export function bar(parts, whole) {
    let left = 0;
    const drawn = parts.map(([tone, amount]) => {
        const width = whole > 0 ? Math.min(100 - left, (100 * amount) / whole) : 0;
        const rectangle = svg("rect", { class: tone, x: `${left}%`, width: `${width}%`, height: "100%" });
        left += width;
        return rectangle;
    });
    return svg("svg", { class: "bar", "aria-hidden": "true", preserveAspectRatio: "none" }, drawn);
}

/** A rating from 0 to 100. */
export function rating(name, value) {
    return element(
        "div",
        { class: "rating" },
        element("span", {}, name),
        element("strong", {}, number(value)),
        bar([["rated", value]], 100),
    );
}

export function points(items) {
    return element("ul", { class: "points" }, items.map(item => element("li", {}, item)));
}

/** Any JSON value, for what the console knows no better form for. */
export function json(value) {
    return element("pre", { tabindex: "0" }, JSON.stringify(value, null, 2));
}

/** The members of an object of findings: words, ratings as bars, lists as points, objects with a title of their own. */
export function findings(object, without = []) {
    const members = Object.entries(object).filter(([name]) => !without.includes(name));
    const those = type => members.filter(([, value]) => typeof value === type);
    const shown = text => (/^[A-Z][A-Z_]+$/.test(text) ? word(text) : text);
    const words = [
        ...those("boolean").map(([name, value]) => [memberName(name), value ? "Yes" : "No"]),
        ...those("string").map(([name, value]) => [memberName(name), shown(value)]),
    ];
    const ratings = those("number").map(([name, value]) => rating(memberName(name), value));
    return [
        words.length > 0 && facts(words),
        ratings.length > 0 && element("div", { class: "columns" }, ratings),
        those("object").map(([name, value]) =>
            element(
                "div",
                { class: "finding" },
                element("h3", {}, memberName(name)),
                Array.isArray(value)
                    ? points(value.map(item => (typeof item === "object" ? JSON.stringify(item) : String(item))))
                    : findings(value ?? {}),
            ),
        ),
    ];
}

/** What a problem tells: its text, its field errors, and what to name to the operator. */
export function problemText(problem) {
    return [
        element("p", {}, problem.message),
        problem.errors?.length > 0 && points(problem.errors.map(({ pointer, message }) => `${pointer} ${message}`)),
        element(
            "p",
            { class: "quiet" },
            problem.code,
            problem.requestId && [" · request ", element("code", {}, problem.requestId)],
        ),
    ];
}

/** A choice that a person confirms: resolves to true if it is confirmed. */
export function confirm({ title, text, action, keep = "Go back" }) {
    return new Promise(resolve => {
        const answer = value => () => dialog.close(value);
        const dialog = element(
            "dialog",
            { "aria-labelledby": "dialog-title", "aria-describedby": "dialog-text" },
            element("h2", { id: "dialog-title" }, title),
            element("p", { id: "dialog-text" }, text),
            element(
                "div",
                { class: "actions" },
                element("button", { type: "button", onclick: answer("") }, keep),
                element("button", { type: "button", class: "danger", onclick: answer("confirmed") }, action),
            ),
        );
        open(dialog, () => resolve(dialog.returnValue === "confirmed"));
    });
}

/** A secret, once: resolves when the person has closed it. */
export function showOnce({ title, text, secret }) {
    return new Promise(resolve => {
        const dialog = element(
            "dialog",
            { "aria-labelledby": "dialog-title", "aria-describedby": "dialog-text" },
            element("h2", { id: "dialog-title" }, title),
            element("p", { id: "dialog-text" }, text),
            element("code", { class: "secret" }, secret),
            element(
                "div",
                { class: "actions" },
                copyButton("Copy the secret", secret),
                element("button", { type: "button", class: "primary", onclick: () => dialog.close() }, "Done"),
            ),
        );
        open(dialog, resolve);
    });
}

function open(dialog, closed) {
    const opener = document.activeElement;
    dialog.addEventListener("close", () => {
        dialog.remove();
        // What the dialog was opened from may be gone meanwhile.
        (opener?.isConnected ? opener : document.querySelector("main h1"))?.focus();
        closed();
    });
    document.body.append(dialog);
    dialog.showModal();
}
