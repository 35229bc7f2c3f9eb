/** The key that a person has signed in with: kept by the browser for this tab, until it is closed. */

const NAME = "greenroom-session";

/** The key, and the company to look at if it is a tracking system's key; none if nobody is signed in. */
export function current() {
    try {
        return JSON.parse(sessionStorage.getItem(NAME));
    } catch {
        return null;
    }
}

export function keep(session) {
    sessionStorage.setItem(NAME, JSON.stringify(session));
}

export function forget() {
    sessionStorage.removeItem(NAME);
}
