/** What the server that the page comes from says of it (`settings.json`). */

/** `api`: the address of the API; empty for the page's own server. `demoKey`: a key to try it with. */
export async function settings() {
    const response = await fetch("settings.json", { cache: "no-store" });
    const { api = "", demoKey } = await response.json();
    return { api: api.replace(/\/+$/, ""), demoKey };
}
