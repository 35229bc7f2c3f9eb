/** The form that takes a key. */

import { Api } from "./api.js";
import { problemText } from "./components.js";
import { element } from "./dom.js";

/** Shows the form. `signIn` is given a session that the API has accepted. */
export function openSignIn({ api: address, demoKey }, message, signIn) {
    const key = element("input", {
        id: "key",
        type: "password",
        required: true,
        autocomplete: "off",
        spellcheck: "false",
        placeholder: "sk_…",
        "aria-describedby": "key-hint",
    });
    const companyId = element("input", { id: "company", autocomplete: "off", spellcheck: "false" });
    const company = element(
        "div",
        { class: "field", hidden: true },
        element("label", { for: "company" }, "Company"),
        companyId,
        element("p", { class: "quiet" }, "This key acts for several companies: the id of the one to look at."),
    );
    const complaint = element("div", { class: "complaint", role: "alert" }, message && element("p", {}, message));
    const submit = element("button", { type: "submit", class: "primary" }, "Sign in");

    async function onsubmit(event) {
        event.preventDefault();
        const session = { key: key.value.trim(), companyId: companyId.value.trim() || undefined };
        complaint.replaceChildren();
        submit.disabled = true;
        try {
            await new Api(address, session).get("/company");
            signIn(session);
        } catch (problem) {
            if (problem.code === "INSUFFICIENT_PERMISSIONS") return signIn(session);
            if (problem.code === "COMPANY_ID_REQUIRED") {
                company.hidden = false;
                companyId.focus();
            } else {
                complaint.replaceChildren(...problemText(problem).filter(Boolean));
                key.focus();
            }
        } finally {
            submit.disabled = false;
        }
    }

    const demo =
        demoKey &&
        element(
            "button",
            {
                type: "button",
                onclick: () => {
                    key.value = demoKey;
                    submit.click();
                },
            },
            "Use the demo company's key",
        );
    document.title = "Sign in – Greenroom console";
    document.body.className = "signed-out";
    document.body.replaceChildren(
        element(
            "main",
            { class: "sign-in" },
            element("h1", {}, "Greenroom console"),
            element("p", { class: "quiet" }, "Interviews, candidates, agents, jobs and webhooks of a company."),
            element(
                "form",
                { onsubmit },
                element("div", { class: "field" }, element("label", { for: "key" }, "API key"), key),
                company,
                complaint,
                element("div", { class: "actions" }, submit, demo),
            ),
            element(
                "p",
                { class: "quiet", id: "key-hint" },
                "The key stays in this tab until you sign out or close it. It is sent to the API only.",
            ),
        ),
    );
    key.focus();
}
