/** Interviews: the list, and one with its analysis and transcript. */

import {
    chip, externalLink, facts, findings, identity, json, label, points, rating, section, time, timeFromNow,
} from "../components.js";
import { element } from "../dom.js";
import { count, position, word } from "../format.js";
import { address } from "../router.js";
import { listView, thingView } from "./list.js";

const STATUSES = ["SCHEDULED", "IN_PROGRESS", "COMPLETED", "FAILED", "CANCELLED"];

/** Statuses in which nothing more happens. */
const ENDED = ["COMPLETED", "FAILED", "CANCELLED"];

export function interviews(context, parameters) {
    return listView(context, parameters, {
        name: "interviews",
        title: "Interviews",
        noun: "interview",
        filters: [
            { name: "status", label: "Status", options: STATUSES.map(status => [status, word(status)]) },
            { name: "isTest", label: "Kind", options: [["false", "Real"], ["true", "Test"]] },
        ],
        learn: (items, signal) => learnNames(context, items, signal),
        row: item => interviewRow(context, item),
        nothing: ["No interviews yet", "An interview that is created through the API appears here within seconds."],
    });
}

/** Reads the names of what interviews refer to. */
export async function learnNames({ directory }, items, signal) {
    await Promise.all([
        directory.fill("candidates", items.map(item => item.candidateId), signal),
        directory.fill("agents", items.map(item => item.agentId), signal),
        directory.fill("jobs", items.map(item => item.jobId), signal),
    ]);
}

/** An interview in a list. */
export function interviewRow(context, item) {
    const { directory } = context;
    const about = [
        nameOf(directory, "agents", item.agentId, "Agent"),
        item.jobId && nameOf(directory, "jobs", item.jobId, "Job"),
    ];
    return {
        href: address("interviews", item.id),
        content: [
            element("span", { class: "row-title" }, nameOf(directory, "candidates", item.candidateId, "Candidate")),
            element("span", { class: "row-about" }, about.filter(Boolean).join(" · ")),
            element("span", { class: "row-time" }, time(item.scheduledAt), ` · ${item.durationMinutes} min`),
            element("span", { class: "row-status" }, item.isTest && label("TEST"), chip(item.status)),
        ],
    };
}

/** The name of a thing; what stands for it while there is none. */
function nameOf(directory, kind, id, noun) {
    return directory.name(kind, id) ?? (directory.isGone(kind, id) ? `${noun} deleted` : `${noun} ${id.slice(0, 8)}`);
}

function linkTo(directory, kind, id, noun) {
    const name = nameOf(directory, kind, id, noun);
    return directory.isGone(kind, id) ? name : element("a", { href: address(kind, id) }, name);
}

export function interview(context, id) {
    const { api, directory } = context;
    const path = `/interviews/${encodeURIComponent(id)}`;
    let transcript;
    /** The version of the interview with which the transcript was asked for. */
    let readWith;

    async function look(shown, signal) {
        await learnNames(context, [shown], signal);
        const version = api.version(path);
        if (shown.status !== "COMPLETED" || shown.transcriptAvailable === false || readWith === version) return;
        try {
            transcript = await api.get(`${path}/transcript`, {}, signal);
        } catch (problem) {
            if (problem.status !== 404) throw problem;
            transcript = undefined;
        }
        readWith = version;
    }

    async function cancel(event, { status }) {
        const version = api.version(path);
        const effect =
            status === "IN_PROGRESS"
                ? "It runs to its end and is cancelled then. The time used is charged, nothing that was said is kept."
                : "It will not take place, and the time reserved for it returns to the allowance.";
        await context.run(event, async () => {
            const confirmed = await context.confirm({
                title: "Cancel this interview?",
                text: `${effect} This can't be undone.`,
                action: "Cancel the interview",
                keep: "Keep it",
            });
            if (!confirmed) return undefined;
            const cancelled = await api.post(`${path}/cancel`, version);
            return `The interview is cancelled${cancelled.status === "CANCELLED" ? "" : " once it ends"}.`;
        });
    }

    return thingView(context, {
        name: "interviews",
        id,
        listTitle: "Interviews",
        look,
        title: shown => `Interview with ${nameOf(directory, "candidates", shown.candidateId, "candidate")}`,
        content: shown => [
            element(
                "div",
                { class: "headline" },
                chip(shown.status),
                shown.isTest && label("TEST"),
                !ENDED.includes(shown.status) &&
                    element(
                        "div",
                        { class: "actions" },
                        element(
                            "button",
                            { type: "button", class: "danger", onclick: event => cancel(event, shown) },
                            "Cancel the interview",
                        ),
                    ),
            ),
            section("About", facts([
                ["Candidate", linkTo(directory, "candidates", shown.candidateId, "Candidate")],
                ["Agent", linkTo(directory, "agents", shown.agentId, "Agent")],
                ["Job", shown.jobId && linkTo(directory, "jobs", shown.jobId, "Job")],
                ["Scheduled", timeFromNow(shown.scheduledAt)],
                ["Started", shown.startedAt && timeFromNow(shown.startedAt)],
                ["Ended", shown.finishedDate && timeFromNow(shown.finishedDate)],
                ["Duration", count(shown.durationMinutes, "minute")],
                ["Reason of the failure", shown.failureReason && word(shown.failureReason)],
                ["Created", timeFromNow(shown.createdAt)],
                ["Id", identity(shown.id), "wide"],
            ])),
            shown.callAttempts?.length > 0 && section("Calls", calls(shown.callAttempts)),
            shown.analysis && section("Analysis", analysis(shown.analysis)),
            transcript && section("Transcript", conversation(transcript.segments)),
            shown.metadata && section("Metadata", json(shown.metadata)),
        ],
    });
}

function calls(attempts) {
    const items = attempts.map(({ retryNumber, reasonCode, notes, duration, recordingUrl, ...call }) => {
        const about = [reasonCode && word(reasonCode), notes].filter(Boolean).join(" · ");
        return element(
            "li",
            {},
            element(
                "div",
                { class: "row" },
                element("span", { class: "row-title" }, retryNumber > 0 ? `Retry ${retryNumber}` : "First call"),
                element("span", { class: "row-about" }, about, recordingUrl && [" · ", externalLink(recordingUrl)]),
                element(
                    "span",
                    { class: "row-time" },
                    time(call.calledAt ?? call.scheduledAt),
                    duration !== undefined && ` · ${position(duration)} min`,
                ),
                element("span", { class: "row-status" }, chip(call.status)),
            ),
        );
    });
    return element("ul", { class: "rows" }, items);
}

function analysis({ general, specific }) {
    return [
        element("div", { class: "ratings" }, rating("Overall", general.overallRating)),
        facts([
            ["Fits the company", word(general.companyFitRating)],
            ["Recommendation", specific?.recommendation && word(specific.recommendation)],
            ["Education", general.education, "wide"],
            ["Experience", general.experience, "wide"],
            ["Status", general.status !== "COMPLETED" && word(general.status)],
        ]),
        element(
            "div",
            { class: "columns" },
            pointsOf("Strong points", general.strongPoints),
            pointsOf("Weak points", general.weakPoints),
        ),
        pointsOf("Answers", general.evaluation),
        specific && findings(specific, ["kind", "recommendation", "strongPoints", "weakPoints"]),
    ];
}

function pointsOf(title, items) {
    return items?.length > 0 && element("div", { class: "finding" }, element("h3", {}, title), points(items));
}

function conversation(segments) {
    const items = segments.map(segment =>
        element(
            "li",
            { class: segment.speaker === "AGENT" ? "agent" : "candidate" },
            element(
                "p",
                { class: "quiet" },
                `${word(segment.speaker)} · `,
                element("span", { class: "position" }, position(segment.startSeconds)),
            ),
            element("p", {}, segment.text),
        ),
    );
    return element("ol", { class: "conversation" }, items);
}
