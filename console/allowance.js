/** The company's interview time of the current month, as a bar. */

import { bar, chip } from "./components.js";
import { element } from "./dom.js";
import { day, number, word } from "./format.js";

/** The company's plan with its allowance. */
export function allowance({ plan, subscription, allowance: amounts }) {
    const heading = element(
        "div",
        { class: "allowance-heading" },
        element("span", {}, `${word(plan)} plan`),
        subscription !== "ACTIVE" && chip("FAILED", word(subscription)),
    );
    if (!amounts) return heading;
    const { billingSystem, granted, reserved, used, remaining, overage, resetsAt } = amounts;
    const parts = [
        ["used", used],
        ["reserved", reserved],
    ];
    return [
        heading,
        element(
            "p",
            { class: "amount" },
            element("strong", { "data-amount": "remaining" }, number(remaining)),
            ` of ${number(granted)} ${billingSystem} left`,
        ),
        bar(parts, granted + overage),
        element(
            "p",
            { class: "quiet" },
            element("span", { class: "key reserved" }, `${number(reserved)} reserved`),
            element("span", { class: "key used" }, `${number(used)} used`),
            overage > 0 && element("span", { class: "key over" }, `${number(overage)} beyond the grant`),
            element("span", {}, `resets on ${day(resetsAt)}`),
        ),
    ];
}
