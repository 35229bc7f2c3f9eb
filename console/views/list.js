/** The view of a list: a search, filters, rows, and a button for more. */

import { empty, icon, problemText } from "../components.js";
import { element } from "../dom.js";
import { count } from "../format.js";
import { PagedList } from "../list.js";
import { noteParameters } from "../router.js";

/** The pause in typing after which a search begins, in milliseconds. */
const TYPING_MS = 300;

/**
 * The list at `/name`. `filters` are `{name, label, options}` with `[value, text]` for each choice; one without options is
 * a text to search for. `learn` is told of all items that are read; `row` makes `{href, content}` of an item.
 */
export function listView(context, parameters, { name, title, noun, filters = [], learn, row, nothing }) {
    const chosen = Object.fromEntries(filters.map(filter => [filter.name, parameters.get(filter.name) ?? ""]));
    let list = new PagedList(context.api, `/${name}`, chosen);
    const view = { title: () => title, look, content, news };
    let signal;
    let typing;

    async function look(given) {
        signal = given;
        const asked = list;
        await asked.look(given);
        await learn?.(asked.items, given);
    }

    function news() {
        return list.fresh.size > 0 ? `${count(list.fresh.size, `new ${noun}`)}.` : undefined;
    }

    function choose(filter, value) {
        chosen[filter.name] = value;
        noteParameters(chosen);
        list = new PagedList(context.api, `/${name}`, chosen);
        context.repaint();
        context.refresh();
    }

    function type(filter, value) {
        clearTimeout(typing);
        typing = setTimeout(() => value.trim() === chosen[filter.name] || choose(filter, value.trim()), TYPING_MS);
    }

    function more(event) {
        return context.run(event, async () => {
            await list.more(signal);
            await learn?.(list.items, signal);
        });
    }

    function content() {
        return [
            element("h1", { tabindex: "-1" }, title),
            filters.length > 0 &&
                element("div", { class: "filters", role: "group", "aria-label": "Filters" }, filters.map(control)),
            view.problem && element("div", { class: "complaint" }, problemText(view.problem)),
            body(),
        ];
    }

    function control(filter) {
        const id = `filter-${filter.name}`;
        if (!filter.options) return search(filter, id);
        const choices = [["", "All"], ...filter.options].map(([value, text]) =>
            element("option", { value, selected: value === chosen[filter.name] }, text),
        );
        return element(
            "div",
            { class: "field" },
            element("label", { for: id }, filter.label),
            element("select", { id, onchange: event => choose(filter, event.target.value) }, choices),
        );
    }

    function search(filter, id) {
        return element(
            "div",
            { class: "field" },
            element("label", { for: id }, filter.label),
            element("input", {
                id,
                type: "search",
                autocomplete: "off",
                spellcheck: "false",
                maxlength: "100",
                value: chosen[filter.name],
                oninput: event => type(filter, event.target.value),
            }),
        );
    }

    function body() {
        if (!list.isRead) return !view.problem && element("p", { class: "quiet loading" }, "Loading …");
        if (list.items.length === 0 && !list.hasMore) {
            return Object.values(chosen).some(Boolean)
                ? empty("Nothing fits", "Choose other filters.")
                : empty(...nothing);
        }
        const rows = list.items.map(item => {
            const { href, content } = row(item);
            return element(
                "li",
                { "data-key": item.id, class: list.fresh.has(item.id) ? "fresh" : undefined },
                element("a", { href, class: "row" }, content),
            );
        });
        return [
            element("ul", { class: "rows" }, rows),
            list.hasMore && element("button", { type: "button", class: "more", onclick: more }, "Show more"),
        ];
    }

    return view;
}

/** The link from a thing to the list that it is in. */
export function backTo(name, title) {
    return element("a", { class: "back", href: `#/${name}` }, icon("back"), title);
}

/**
 * The view of one thing, read at `/name/id`. `look` reads what belongs to it, `title` and `content` are made of it.
 */
export function thingView(context, { name, id, listTitle, look, title, content }) {
    let thing;
    const view = {
        title: () => (thing ? title(thing) : listTitle),
        async look(signal) {
            thing = await context.api.get(`/${name}/${encodeURIComponent(id)}`, {}, signal);
            await look?.(thing, signal);
        },
        content: () => [
            backTo(name, listTitle),
            element("h1", { tabindex: "-1" }, view.title()),
            view.problem && element("div", { class: "complaint" }, problemText(view.problem)),
            thing ? content(thing) : !view.problem && element("p", { class: "quiet loading" }, "Loading …"),
        ],
    };
    return view;
}
