/** Agents: the list, and one with its questions and interviews. */

import { facts, identity, json, label, points, section, timeFromNow } from "../components.js";
import { element } from "../dom.js";
import { count, language, word } from "../format.js";
import { PagedList } from "../list.js";
import { address } from "../router.js";
import { interviewRows, lookAtInterviews } from "./candidates.js";
import { listView, thingView } from "./list.js";

const FOCUSES = ["GENERIC", "SCREENING", "OUTREACH", "LANGUAGE_TEST"];
const TYPES = ["ONLINE", "PHONE"];

export function agents(context, parameters) {
    return listView(context, parameters, {
        name: "agents",
        title: "Agents",
        noun: "agent",
        filters: [
            { name: "focus", label: "Focus", options: FOCUSES.map(focus => [focus, word(focus)]) },
            { name: "type", label: "Type", options: TYPES.map(type => [type, word(type)]) },
        ],
        learn: items => context.directory.learn("agents", items),
        row: agent => ({
            href: address("agents", agent.id),
            content: [
                element("span", { class: "row-title" }, agent.name),
                element("span", { class: "row-about" }, `${word(agent.focus)} · ${language(agent.language)}`),
                element("span", { class: "row-time" }, `${agent.duration} min`),
                element("span", { class: "row-status" }, label(agent.type)),
            ],
        }),
        nothing: [
            "No agents yet",
            "An agent is a configured interviewer. Create one with POST /agents, or with an interview.",
        ],
    });
}

export function agent(context, id) {
    const interviews = new PagedList(context.api, "/interviews", { agentId: id });
    return thingView(context, {
        name: "agents",
        id,
        listTitle: "Agents",
        async look(shown, signal) {
            context.directory.learn("agents", [shown]);
            await lookAtInterviews(context, interviews, signal);
        },
        title: shown => shown.name,
        content: shown => [
            element("div", { class: "headline" }, label(shown.focus), label(shown.type)),
            section("About", facts([
                ["Language", language(shown.language)],
                ["Level", shown.cefrLevel],
                ["Duration", count(shown.duration, "minute")],
                ["Voice", shown.voiceId && word(shown.voiceId)],
                ["Background", word(shown.backgroundSound)],
                ["Calls from", shown.companyPhoneNumberId],
                ["Created", timeFromNow(shown.createdAt)],
                ["Changed", shown.updatedAt !== shown.createdAt && timeFromNow(shown.updatedAt)],
                ["Id", identity(shown.id), "wide"],
            ])),
            shown.questions?.length > 0 && section("Questions", points(shown.questions)),
            shown.instructions && section("Instructions", element("p", { class: "long" }, shown.instructions)),
            section("Interviews", interviewRows(context, interviews)),
            shown.metadata && section("Metadata", json(shown.metadata)),
        ],
    });
}
