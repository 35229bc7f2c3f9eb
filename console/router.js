/** Addresses of views: `#/interviews?status=SCHEDULED`, `#/interviews/{id}`. */

/** The section, the id if there is one, and the parameters of the current address. */
export function current() {
    const [path, parameters = ""] = location.hash.slice(1).split("?");
    const [, section, id] = path.split("/");
    return {
        section: section || "interviews",
        id: id && decodeURIComponent(id),
        parameters: new URLSearchParams(parameters),
    };
}

/** The address of a view. */
export function address(section, id) {
    return id === undefined ? `#/${section}` : `#/${section}/${encodeURIComponent(id)}`;
}

/** Notes the chosen filters in the address, without a new entry in the browser's history. */
export function noteParameters(parameters) {
    const [path] = location.hash.split("?");
    const text = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value)).toString();
    history.replaceState(null, "", `${path || "#/interviews"}${text && `?${text}`}`);
}
