/** Jobs: the list, and one with its interviews. */

import { chip, externalLink, facts, identity, json, section, timeFromNow } from "../components.js";
import { element } from "../dom.js";
import { language, number, word } from "../format.js";
import { PagedList } from "../list.js";
import { address } from "../router.js";
import { interviewRows, lookAtInterviews } from "./candidates.js";
import { listView, thingView } from "./list.js";

const STATUSES = ["OPEN", "CLOSED"];

export function jobs(context, parameters) {
    return listView(context, parameters, {
        name: "jobs",
        title: "Jobs",
        noun: "job",
        filters: [{ name: "status", label: "Status", options: STATUSES.map(status => [status, word(status)]) }],
        learn: items => context.directory.learn("jobs", items),
        row: job => ({
            href: address("jobs", job.id),
            content: [
                element("span", { class: "row-title" }, job.title),
                element("span", { class: "row-about" }, place(job.location)),
                element("span", { class: "row-time" }, job.contractType && word(job.contractType)),
                element("span", { class: "row-status" }, chip(job.status)),
            ],
        }),
        nothing: [
            "No jobs yet",
            "A job is what candidates are interviewed for. Create one with POST /jobs, or with an interview.",
        ],
    });
}

export function job(context, id) {
    const interviews = new PagedList(context.api, "/interviews", { jobId: id });
    return thingView(context, {
        name: "jobs",
        id,
        listTitle: "Jobs",
        async look(shown, signal) {
            context.directory.learn("jobs", [shown]);
            await lookAtInterviews(context, interviews, signal);
        },
        title: shown => shown.title,
        content: shown => [
            element("div", { class: "headline" }, chip(shown.status)),
            section("About", facts([
                ["Place", place(shown.location)],
                ["Contract", shown.contractType && word(shown.contractType)],
                ["Salary", shown.salary && salary(shown.salary)],
                ["Experience", shown.experience && word(shown.experience)],
                ["Education", shown.education?.map(word).join(", ")],
                ["Required skills", shown.requiredSkills?.join(", ")],
                ["Welcome skills", shown.niceToHaveSkills?.join(", ")],
                ["Languages", shown.languageRequirements?.map(languageRequirement).join(", ")],
                ["Published at", shown.jobUrl && externalLink(shown.jobUrl), "wide"],
                ["Created", timeFromNow(shown.createdAt)],
                ["Id", identity(shown.id), "wide"],
            ])),
            shown.description && section("Description", element("p", { class: "long" }, shown.description)),
            shown.benefits && section("Benefits", element("p", { class: "long" }, shown.benefits)),
            section("Interviews", interviewRows(context, interviews)),
            shown.metadata && section("Metadata", json(shown.metadata)),
        ],
    });
}

function languageRequirement({ language: code, proficiency }) {
    return `${language(code)} ${proficiency}`;
}

function place(location) {
    if (!location) return "";
    const { workMode, street, postalCode, city, countryCode } = location;
    return [workMode && word(workMode), [street, postalCode, city, countryCode].filter(Boolean).join(", ")]
        .filter(Boolean)
        .join(" · ");
}

function salary({ min, max, currency, period }) {
    const amounts = [min, max].filter(amount => amount !== undefined).map(number).join(" – ");
    return [amounts, currency, period && word(period).toLowerCase()].filter(Boolean).join(" ");
}
