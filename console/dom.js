/** Elements from data, and pages that change in place. */

const SVG = "http://www.w3.org/2000/svg";
const HANDLERS = ["onclick", "onsubmit", "onchange", "oninput"];

/**
 * An element with these attributes, handlers and children. What is absent (`undefined`, `null`, `false`) is left out.
 * Texts stay texts: nothing is ever parsed as HTML.
 */
export function element(name, attributes = {}, ...children) {
    return filled(document.createElement(name), attributes, children);
}

/** The same of a drawing. */
export function svg(name, attributes = {}, ...children) {
    return filled(document.createElementNS(SVG, name), attributes, children);
}

function filled(node, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) {
        if (HANDLERS.includes(name)) {
            node[name] = value;
        } else if (value !== undefined && value !== null && value !== false) {
            node.setAttribute(name, value === true ? "" : value);
        }
    }
    const present = children.flat(Infinity).filter(child => child !== undefined && child !== null && child !== false);
    node.append(...present);
    return node;
}

/**
 * Makes an element that is shown like another one, and keeps what is the same, so that focus, selection and scroll
 * position stay. Children with a `data-key` are the same as those that had that key.
 */
export function update(shown, wanted) {
    for (const { name } of [...shown.attributes]) {
        // A button that has been pressed is busy until that is done.
        if (!wanted.hasAttribute(name) && name !== "aria-busy") shown.removeAttribute(name);
    }
    for (const { name, value } of wanted.attributes) {
        if (shown.getAttribute(name) !== value) shown.setAttribute(name, value);
    }
    for (const handler of HANDLERS) shown[handler] = wanted[handler];
    updateChildren(shown, [...wanted.childNodes]);
}

function updateChildren(shown, wanted) {
    const keyed = new Map([...shown.children].map(child => [key(child), child]));
    const kept = new Set(wanted.map(key));
    let place = shown.firstChild;
    const skipGone = () => {
        while (key(place) && !kept.has(key(place))) {
            const gone = place;
            place = place.nextSibling;
            gone.remove();
        }
    };
    for (const child of wanted) {
        skipGone();
        const same = key(child) ? keyed.get(key(child)) : isSame(place, child) && place;
        if (!same || !isSame(same, child)) {
            shown.insertBefore(child, place);
        } else {
            if (same === place) place = place.nextSibling;
            else shown.insertBefore(same, place);
            if (child.nodeType === Node.ELEMENT_NODE) update(same, child);
            else if (same.data !== child.data) same.data = child.data;
        }
    }
    while (place) {
        const gone = place;
        place = place.nextSibling;
        gone.remove();
    }
}

function key(node) {
    return node?.dataset?.key;
}

function isSame(shown, wanted) {
    return shown?.nodeName === wanted.nodeName && key(shown) === key(wanted) && shown.id === wanted.id;
}
