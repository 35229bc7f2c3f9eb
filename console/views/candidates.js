/** Candidates: the list, and one with its jobs and interviews. */

import { chip, empty, facts, identity, json, section, timeFromNow } from "../components.js";
import { element } from "../dom.js";
import { count, day, word } from "../format.js";
import { PagedList } from "../list.js";
import { address } from "../router.js";
import { interviewRow, learnNames } from "./interviews.js";
import { listView, thingView } from "./list.js";

const STATUSES = ["APPLIED", "IN_PROCESS", "REJECTED", "ACCEPTED"];

const nameOf = candidate => `${candidate.firstName} ${candidate.lastName}`;

export function candidates(context, parameters) {
    return listView(context, parameters, {
        name: "candidates",
        title: "Candidates",
        noun: "candidate",
        filters: [{ name: "search", label: "Name or e-mail" }, { name: "status", label: "Status", options: STATUSES.map(status => [status, word(status)]) }],
        learn: items => context.directory.learn("candidates", items),
        row: ({ id, email, phoneNumber, jobIds, status, ...named }) => ({
            href: address("candidates", id),
            content: [
                element("span", { class: "row-title" }, nameOf(named)),
                element("span", { class: "row-about" }, [email, phoneNumber].filter(Boolean).join(" · ")),
                element("span", { class: "row-time" }, jobIds.length > 0 ? count(jobIds.length, "job") : "Talent pool"),
                element("span", { class: "row-status" }, chip(status)),
            ],
        }),
        nothing: ["No candidates yet", "Candidates come with the interviews that are created for them."],
    });
}

export function candidate(context, id) {
    const { directory } = context;
    const interviews = new PagedList(context.api, "/interviews", { candidateId: id });
    return thingView(context, {
        name: "candidates",
        id,
        listTitle: "Candidates",
        async look(shown, signal) {
            directory.learn("candidates", [shown]);
            await directory.fill("jobs", shown.jobIds, signal);
            await lookAtInterviews(context, interviews, signal);
        },
        title: nameOf,
        content: shown => [
            element("div", { class: "headline" }, chip(shown.status)),
            section("About", facts([
                ["E-mail", shown.email, "wide"],
                ["Phone", shown.phoneNumber],
                ["Jobs", shown.jobIds.length > 0 ? shown.jobIds.map(job => jobLink(directory, job)) : "Talent pool"],
                ["Data kept until", day(shown.gdprExpiryDate)],
                ["Created", timeFromNow(shown.createdAt)],
                ["Id", identity(shown.id), "wide"],
            ])),
            section("Interviews", interviewRows(context, interviews)),
            shown.metadata && section("Metadata", json(shown.metadata)),
        ],
    });
}

function jobLink(directory, id) {
    return element("div", {}, element("a", { href: address("jobs", id) }, directory.name("jobs", id) ?? id));
}

/** Reads the interviews of a thing, and the names in them, if the key may. */
export async function lookAtInterviews(context, interviews, signal) {
    try {
        await interviews.look(signal);
        await learnNames(context, interviews.items, signal);
    } catch (problem) {
        if (problem.code !== "INSUFFICIENT_PERMISSIONS") throw problem;
    }
}

/** The newest interviews of a thing. */
export function interviewRows(context, interviews) {
    if (!interviews.isRead) return element("p", { class: "quiet" }, "The key may not read interviews.");
    if (interviews.items.length === 0) return empty("No interviews", "There are none so far.");
    const more = event => context.run(event, () => interviews.more());
    return [
        element(
            "ul",
            { class: "rows" },
            interviews.items.map(item => {
                const { href, content } = interviewRow(context, item);
                return element("li", { "data-key": item.id }, element("a", { href, class: "row" }, content));
            }),
        ),
        interviews.hasMore && element("button", { type: "button", class: "more", onclick: more }, "Show more"),
    ];
}
