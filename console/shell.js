/** The frame around all views: sections, allowance, notices, and looking again. */

import { allowance } from "./allowance.js";
import { Api } from "./api.js";
import { confirm, icon, problemText, showOnce } from "./components.js";
import { Directory } from "./directory.js";
import { element, update } from "./dom.js";
import { clock, word } from "./format.js";
import { Polling, pauseMs } from "./polling.js";
import * as router from "./router.js";
import { agent, agents } from "./views/agents.js";
import { candidate, candidates } from "./views/candidates.js";
import { interview, interviews } from "./views/interviews.js";
import { job, jobs } from "./views/jobs.js";
import { webhook, webhooks } from "./views/webhooks.js";

/** The views by section: its list, and one thing of it. */
const SECTIONS = {
    interviews: [interviews, interview],
    candidates: [candidates, candidate],
    agents: [agents, agent],
    jobs: [jobs, job],
    webhooks: [webhooks, webhook],
};

/** Time for which a notice of success stays, in milliseconds. */
const NOTICE_MS = 6_000;

/** Shows the console with that session, until the key is refused or the person signs out. */
export function openConsole(settings, session, signOut) {
    const api = new Api(settings.api, session);
    const company = element("span", { class: "company" });
    const plan = element("aside", { class: "allowance", "aria-label": "Allowance" });
    const navigation = element("nav", { "aria-label": "Sections" });
    const main = element("main", { tabindex: "-1" });
    const state = element("span", { class: "quiet" });
    const polite = element("div", { class: "visually-hidden", role: "status" });
    const notices = element("div", { class: "notices" });
    /** The view that is shown; none before the first one. */
    let view;
    let mayReadCompany = true;

    const context = {
        api,
        directory: new Directory(api),
        confirm,
        showOnce,
        run,
        refresh: () => view?.polling.now(),
        repaint: () => view?.paint(),
    };

    function say(text) {
        const notice = element("div", { class: "notice", role: "status" }, text);
        notices.replaceChildren(notice);
        setTimeout(() => notice.remove(), NOTICE_MS);
    }

    function complain(problem) {
        const dismiss = () => {
            notice.remove();
            main.querySelector("h1")?.focus();
        };
        const notice = element(
            "div",
            { class: "notice problem", role: "alert" },
            problemText(problem),
            element("button", { type: "button", class: "small", onclick: dismiss }, "Dismiss"),
        );
        notices.replaceChildren(notice);
    }

    /** Does what a button asks for, once at a time, and looks at what has become of it. */
    async function run(event, action) {
        const button = event.currentTarget;
        if (button.ariaBusy === "true") return;
        button.ariaBusy = "true";
        try {
            const text = await action();
            if (text) say(text);
        } catch (problem) {
            if (problem.status === 401) return leave(problem);
            complain(problem);
        } finally {
            button.ariaBusy = null;
        }
        await context.refresh();
    }

    function leave(problem) {
        close();
        signOut(problem ? `${problem.message} (${problem.code})` : undefined);
    }

    function close() {
        view?.stop();
        removeEventListener("hashchange", navigate);
    }

    async function lookAtCompany(signal) {
        if (!mayReadCompany) return;
        try {
            const shown = await api.get("/company", {}, signal);
            company.textContent = shown.name;
            update(plan, element("aside", { class: "allowance", "aria-label": "Allowance" }, allowance(shown)));
        } catch (problem) {
            if (problem.code !== "INSUFFICIENT_PERMISSIONS") throw problem;
            mayReadCompany = false;
            plan.replaceChildren(element("p", { class: "quiet" }, "The key may not read the company."));
        }
    }

    function navigate() {
        const { section, id, parameters } = router.current();
        const [list, one] = SECTIONS[section] ?? SECTIONS.interviews;
        view?.stop();
        notices.replaceChildren();
        const isFirst = !view;
        view = show(id === undefined ? list(context, parameters) : one(context, id));
        const links = Object.keys(SECTIONS).map(name =>
            element(
                "a",
                { href: router.address(name), "aria-current": name === section ? "page" : undefined },
                icon(name),
                element("span", {}, word(name)),
            ),
        );
        update(navigation, element("nav", { "aria-label": "Sections" }, links));
        if (!isFirst) main.querySelector("h1").focus();
    }

    /** Shows a view, and looks again until it is stopped. */
    function show(shown) {
        const stopped = new AbortController();
        let failures = 0;
        const paint = () => {
            if (stopped.signal.aborted) return;
            const focused = main.contains(document.activeElement);
            update(main, element("main", { tabindex: "-1" }, shown.content()));
            document.title = `${shown.title()} – Greenroom console`;
            // The button that was pressed may be gone with the state that it changed.
            if (focused && !main.contains(document.activeElement)) main.querySelector("h1").focus();
        };
        const look = async () => {
            const before = api.sent;
            let retryAfterSeconds;
            try {
                await Promise.all([shown.look(stopped.signal), lookAtCompany(stopped.signal)]);
                failures = 0;
                shown.problem = undefined;
                state.textContent = `Live · ${clock(Date.now())}`;
                if (shown.news?.()) polite.textContent = shown.news();
            } catch (problem) {
                if (stopped.signal.aborted) return 0;
                if (problem.status === 401) {
                    leave(problem);
                    return 0;
                }
                failures += 1;
                retryAfterSeconds = problem.retryAfterSeconds;
                // A refusal that stays is part of the page; what passes is told beside it.
                shown.problem = problem;
                const isLimited = problem.status === 429;
                state.textContent = isLimited ? "Waiting: too many requests" : `Trying again · ${problem.code}`;
            }
            paint();
            return pauseMs({ requests: api.sent - before, use: api.use, failures, retryAfterSeconds });
        };
        main.replaceChildren();
        const polling = new Polling(look);
        paint();
        scrollTo(0, 0);
        polling.now();
        return {
            polling,
            paint,
            stop: () => {
                stopped.abort();
                polling.stop();
            },
        };
    }

    document.body.className = "signed-in";
    document.body.replaceChildren(
        element("button", { type: "button", class: "skip", onclick: () => main.focus() }, "Skip to the content"),
        element(
            "div",
            { class: "side" },
            element(
                "header",
                {},
                element("a", { class: "brand", href: router.address("interviews") }, "Greenroom"),
                company,
                element(
                    "button",
                    { type: "button", class: "sign-out", onclick: () => leave() },
                    icon("signOut"),
                    element("span", {}, "Sign out"),
                ),
            ),
            navigation,
            plan,
        ),
        main,
        element(
            "footer",
            {},
            state,
            element("button", { type: "button", class: "small", onclick: () => context.refresh() }, "Refresh"),
        ),
        polite,
        notices,
    );
    addEventListener("hashchange", navigate);
    navigate();
}
