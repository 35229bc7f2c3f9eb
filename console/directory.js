/** Names by id: what interviews name, they name by id only. */

/** The age after which a name is read again, in milliseconds: candidates are erased, agents renamed. */
const AGE_MAX_MS = 300_000;

/** Names that are read one by one for one look: the newest hundred of each kind come in one request. */
const SINGLE_MAX = 5;

const KINDS = {
    candidates: candidate => `${candidate.firstName} ${candidate.lastName}`,
    agents: agent => agent.name,
    jobs: job => job.title,
};

/** The names that a page shows. */
export class Directory {
    #api;
    #entries = { candidates: new Map(), agents: new Map(), jobs: new Map() };
    #listedAtMs = {};

    constructor(api) {
        this.#api = api;
    }

    /** The name of a thing; none if it is deleted, not read yet, or the key may not read it. */
    name(kind, id) {
        return this.#entries[kind].get(id)?.name;
    }

    /** True if the thing is known not to be there any more. */
    isGone(kind, id) {
        return this.#entries[kind].get(id)?.isGone === true;
    }

    /** Keeps the names of things that were read. */
    learn(kind, things) {
        for (const thing of things) {
            this.#entries[kind].set(thing.id, { name: KINDS[kind](thing), readAtMs: Date.now() });
        }
    }

    /** Reads the names of these things that are not known. */
    async fill(kind, ids, signal) {
        const entries = this.#entries[kind];
        const isKnown = id => Date.now() - entries.get(id)?.readAtMs < AGE_MAX_MS;
        const missing = () => [...new Set(ids)].filter(id => id && !isKnown(id));
        if (missing().length > 1 && !(Date.now() - this.#listedAtMs[kind] < AGE_MAX_MS / 10)) {
            this.#listedAtMs[kind] = Date.now();
            const page = await unlessForbidden(this.#api.get(`/${kind}`, { limit: "100" }, signal));
            this.learn(kind, page?.items ?? []);
        }
        for (const id of missing().slice(0, SINGLE_MAX)) {
            const thing = await unlessForbidden(this.#api.get(`/${kind}/${id}`, {}, signal));
            if (thing) this.learn(kind, [thing]);
            else entries.set(id, { isGone: thing === null, readAtMs: Date.now() });
        }
    }
}

/** The answer; `null` if there is no such thing, `undefined` if the key may not read it. */
async function unlessForbidden(answer) {
    try {
        return await answer;
    } catch (problem) {
        if (problem.status === 404) return null;
        if (problem.status === 403) return undefined;
        throw problem;
    }
}
