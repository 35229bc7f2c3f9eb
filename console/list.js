/** A list of the API, page by page: its beginning is read again and again, the rest stays as it was read. */

/** Items of a page. */
const LIMIT = 20;

/** Pages that are read at once while filters leave them short: each reads a bounded part of the list. */
const SHORT_PAGES_MAX = 5;

/** The items of a list that have been read, newest first; of a search in its own order. */
export class PagedList {
    #api;
    #path;
    #query;
    /** The place behind the last item. */
    #cursor;
    /** True once there is more than the beginning. */
    #isContinued = false;

    items = [];
    /** The ids of items that the last look found new; none after the first look. */
    fresh = new Set();
    /** True once there was a look. */
    isRead = false;

    constructor(api, path, query = {}) {
        this.#api = api;
        this.#path = path;
        this.#query = query;
    }

    get hasMore() {
        return Boolean(this.#cursor);
    }

    /** Reads the beginning again; of a search only while nothing else of it was read, which might not fit a new beginning. */
    async look(signal) {
        if (this.#query.search && this.#isContinued) return;
        const { items, cursor } = await this.#pages(undefined, signal);
        const known = new Set(this.items.map(item => item.id));
        this.fresh = new Set(this.isRead ? items.map(item => item.id).filter(id => !known.has(id)) : []);
        // What was read before and is older stands behind; what should be among these and is not, is gone.
        const read = new Set(items.map(item => item.id));
        const last = items.at(-1)?.createdAt;
        const older = cursor && !this.#query.search ? this.items.filter(item => !read.has(item.id) && item.createdAt < last) : [];
        if (older.length === 0) this.#cursor = cursor;
        this.items = [...items, ...older];
        this.isRead = true;
    }

    /** Reads what comes after the last item. */
    async more(signal) {
        const { items, cursor } = await this.#pages(this.#cursor, signal);
        const known = new Set(this.items.map(item => item.id));
        this.items = [...this.items, ...items.filter(item => !known.has(item.id))];
        this.#cursor = cursor;
        this.#isContinued = true;
    }

    async #pages(cursor, signal) {
        const items = [];
        for (let page = 0; page < SHORT_PAGES_MAX; page += 1) {
            const query = { ...this.#query, limit: String(LIMIT), cursor };
            const answer = await this.#api.get(this.#path, query, signal);
            items.push(...answer.items);
            cursor = answer.nextCursor;
            if (!cursor || items.length >= LIMIT) break;
        }
        return { items, cursor };
    }
}
