/** Webhooks: the list, and one with its deliveries. */

import { chip, empty, externalLink, facts, identity, section, time, timeFromNow } from "../components.js";
import { element } from "../dom.js";
import { count, full, word } from "../format.js";
import { PagedList } from "../list.js";
import { address } from "../router.js";
import { listView, thingView } from "./list.js";

/** How the endpoint of a webhook is doing. */
function state({ isActive, pauseReason, circuit }) {
    if (!isActive) return chip("PAUSED", pauseReason === "GONE" ? "Paused: gone" : "Paused", "grey");
    if (circuit.state !== "CLOSED") return chip("FAILED", "Not reached", "red");
    if (circuit.consecutiveFailures > 0) return chip("FAILING", "Failing", "amber");
    return chip("ACTIVE", "Active", "green");
}

export function webhooks(context, parameters) {
    return listView(context, parameters, {
        name: "webhooks",
        title: "Webhooks",
        noun: "webhook",
        row: webhook => ({
            href: address("webhooks", webhook.id),
            content: [
                element("span", { class: "row-title" }, webhook.name ?? webhook.url),
                element("span", { class: "row-about" }, webhook.name ? webhook.url : webhook.description),
                element("span", { class: "row-time" }, count(webhook.events.length, "event")),
                element("span", { class: "row-status" }, state(webhook)),
            ],
        }),
        nothing: ["No webhooks yet", "A webhook is told of what happens. Create one with POST /webhooks."],
    });
}

export function webhook(context, id) {
    const { api } = context;
    const path = `/webhooks/${encodeURIComponent(id)}`;
    const deliveries = new PagedList(api, `${path}/deliveries`);

    function test(event) {
        return context.run(event, async () => {
            const { success, message } = await api.post(`${path}/test`);
            return success ? message : `The test failed: ${message}`;
        });
    }

    async function rotate(event) {
        const version = api.version(path);
        await context.run(event, async () => {
            const confirmed = await context.confirm({
                title: "Replace the signing secret?",
                text: "Posts are signed with the new one from now on, and with the old one too for a day. It is shown once.",
                action: "Replace the secret",
            });
            if (!confirmed) return undefined;
            const { signingSecret, previousSecretExpiresAt } = await api.post(`${path}/rotate-secret`, version);
            await context.showOnce({
                title: "The new signing secret",
                text: `Keep it now: it is not shown again. The old one holds until ${full(previousSecretExpiresAt)}.`,
                secret: signingSecret,
            });
            return undefined;
        });
    }

    function redeliver(event, delivery) {
        return context.run(event, async () => {
            await api.post(`${path}/deliveries/${encodeURIComponent(delivery.id)}/redeliver`);
            return "The event is delivered once more.";
        });
    }

    return thingView(context, {
        name: "webhooks",
        id,
        listTitle: "Webhooks",
        look: (shown, signal) => deliveries.look(signal),
        title: shown => shown.name ?? "Webhook",
        content: shown => [
            element(
                "div",
                { class: "headline" },
                state(shown),
                element(
                    "div",
                    { class: "actions" },
                    element("button", { type: "button", onclick: test }, "Send a test"),
                    element("button", { type: "button", class: "danger", onclick: rotate }, "Replace the secret"),
                ),
            ),
            section("About", facts([
                ["Address", externalLink(shown.url), "wide"],
                ["Description", shown.description, "wide"],
                ["Events", shown.events.join(", "), "wide"],
                ["Headers", shown.headers.map(header => header.name).join(", ")],
                ["Failures in a row", shown.circuit.consecutiveFailures],
                ["Failing since", shown.circuit.failingSince && timeFromNow(shown.circuit.failingSince)],
                ["Next try", shown.circuit.nextProbeAt && timeFromNow(shown.circuit.nextProbeAt)],
                ["Created", timeFromNow(shown.createdAt)],
                ["Id", identity(shown.id), "wide"],
            ])),
            section("Deliveries", deliveryRows()),
        ],
    });

    function deliveryRows() {
        if (!deliveries.isRead) return element("p", { class: "quiet loading" }, "Loading …");
        if (deliveries.items.length === 0) {
            return empty("No deliveries yet", "Events of the last 30 days appear here, and tests.");
        }
        const more = event => context.run(event, () => deliveries.more());
        return [
            element("ul", { class: "rows" }, deliveries.items.map(deliveryRow)),
            deliveries.hasMore && element("button", { type: "button", class: "more", onclick: more }, "Show more"),
        ];
    }

    function deliveryRow(delivery) {
        const { lastAttempt, nextAttemptAt, interviewId } = delivery;
        return element(
            "li",
            { "data-key": delivery.id, class: deliveries.fresh.has(delivery.id) ? "fresh" : undefined },
            element(
                "div",
                { class: "row" },
                element("span", { class: "row-title" }, delivery.event),
                element(
                    "span",
                    { class: "row-about" },
                    count(delivery.attempts, "attempt"),
                    lastAttempt && ` · ${outcome(lastAttempt)}`,
                    nextAttemptAt && [" · next ", time(nextAttemptAt)],
                ),
                element(
                    "span",
                    { class: "row-time" },
                    time(delivery.timestamp),
                    interviewId && [" · ", element("a", { href: address("interviews", interviewId) }, "interview")],
                ),
                element(
                    "span",
                    { class: "row-status" },
                    chip(delivery.status),
                    element(
                        "button",
                        {
                            type: "button",
                            class: "small",
                            "aria-label": `Redeliver ${delivery.event} of ${full(delivery.timestamp)}`,
                            onclick: event => redeliver(event, delivery),
                        },
                        "Redeliver",
                    ),
                ),
            ),
        );
    }
}

/** What came of an attempt. */
function outcome({ outcome, httpStatus }) {
    return httpStatus === undefined ? word(outcome).toLowerCase() : `answered ${httpStatus}`;
}
