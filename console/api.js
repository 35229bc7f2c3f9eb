/** The client of the API: requests, problems, versions of resources, and what is left of the limits of use. */

/** The longest wait for an answer: the API itself gives up after 30 seconds. */
const TIMEOUT_MS = 35_000;

/** Answers that are remembered with their versions: those of a few pages. */
const REMEMBERED_MAX = 200;

/** The answer of the API to a request that it refused, or of nobody. */
export class Problem extends Error {
    constructor({ status, code, title, detail, requestId, retryAfterSeconds, errors = [] }) {
        super(detail ?? title);
        Object.assign(this, { status, code, title, requestId, retryAfterSeconds, errors });
    }

    /** The problem of a request that no answer came to. */
    static unreachable() {
        return new Problem({
            status: 0,
            code: "UNREACHABLE",
            title: "The API can't be reached",
            detail: "The API can't be reached. The console tries again by itself.",
        });
    }

    static async of(response) {
        let problem = {};
        try {
            problem = await response.json();
        } catch {
            // The gateway itself answers without a problem.
        }
        return new Problem({
            ...problem,
            status: response.status,
            code: problem.code ?? `HTTP_${response.status}`,
            title: problem.title ?? `The API answered ${response.status}`,
            detail: problem.detail ?? problem.message,
            requestId: problem.requestId ?? response.headers.get("x-request-id") ?? undefined,
            retryAfterSeconds: secondsOf(response.headers.get("retry-after")),
        });
    }
}

/** A client with one key. */
export class Api {
    #address;
    #session;
    #fetch;
    /** Values and ETags by URL, the latest last. */
    #remembered = new Map();

    /** What the last answer said of the key's limits: `{minute, hour}`, each `{limit, remaining, resetsAtMs}`. */
    use = {};
    /** The requests that were sent. */
    sent = 0;

    /** `address` has no slash at its end; the empty one is where the page came from. */
    constructor(address, session, fetch = globalThis.fetch.bind(globalThis)) {
        this.#address = address;
        this.#session = session;
        this.#fetch = fetch;
    }

    /** The value at a path. One that is known is asked for by its version, and not sent again. */
    async get(path, query = {}, signal = undefined) {
        const url = this.#url(path, query);
        const known = this.#remembered.get(url);
        const response = await this.#send(url, { signal, headers: known ? { "If-None-Match": known.etag } : {} });
        if (response.status === 304 && known) return known.value;
        const value = await json(response);
        this.#remember(url, value, response.headers.get("etag"));
        return value;
    }

    /** The version in which the resource at a path was last read. */
    version(path) {
        return this.#remembered.get(this.#url(path, {}))?.etag;
    }

    /** The answer to a verb. With `version`, the resource must still be that. */
    async post(path, version = undefined) {
        const headers = version ? { "If-Match": version } : {};
        return await json(await this.#send(this.#url(path, {}), { method: "POST", headers }));
    }

    #url(path, query) {
        // Webhooks belong to the key's owner, all else to the company.
        const companyId = path.startsWith("/webhooks") ? undefined : this.#session.companyId;
        const given = Object.entries({ ...query, companyId }).filter(([, value]) => value);
        const parameters = new URLSearchParams(given).toString();
        return this.#address + path + (parameters && `?${parameters}`);
    }

    #remember(url, value, etag) {
        this.#remembered.delete(url);
        if (!etag) return;
        this.#remembered.set(url, { value, etag });
        if (this.#remembered.size > REMEMBERED_MAX) {
            this.#remembered.delete(this.#remembered.keys().next().value);
        }
    }

    async #send(url, { method = "GET", headers = {}, signal = undefined }) {
        this.sent += 1;
        const timeout = AbortSignal.timeout(TIMEOUT_MS);
        let response;
        try {
            response = await this.#fetch(url, {
                method,
                headers: { Accept: "application/json", Authorization: `Bearer ${this.#session.key}`, ...headers },
                signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
                cache: "no-store",
                credentials: "omit",
                redirect: "error",
            });
        } catch (error) {
            if (signal?.aborted) throw error;
            throw Problem.unreachable();
        }
        this.use = useOf(response.headers) ?? this.use;
        if (!response.ok && response.status !== 304) throw await Problem.of(response);
        return response;
    }
}

async function json(response) {
    try {
        return await response.json();
    } catch (error) {
        if (error.name === "AbortError") throw error;
        throw Problem.unreachable();
    }
}

function useOf(headers) {
    const window = name => {
        const [limit, remaining, reset] = ["Limit", "Remaining", "Reset"].map(part =>
            Number(headers.get(`x-ratelimit-${part}-${name}`) ?? NaN),
        );
        return { limit, remaining, resetsAtMs: reset * 1000 };
    };
    const use = { minute: window("minute"), hour: window("hour") };
    return Number.isFinite(use.minute.limit) && Number.isFinite(use.hour.limit) ? use : undefined;
}

function secondsOf(retryAfter) {
    const seconds = Number(retryAfter ?? NaN);
    return Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
}
