/** Looking again: how soon, and only while somebody sees the page. */

/** The shortest pause between two looks, in milliseconds: what happens is seen within a few seconds. */
const PAUSE_MIN_MS = 3_000;

/** The longest pause after failures, in milliseconds, unless the API asks for a longer one. */
const BACKOFF_MAX_MS = 60_000;

/** The part of a key's limits that looking may use: integrations of the company have the rest. */
const SHARE = 1 / 4;

/** The part of a limit that looking leaves to be used by others, however much it has not used itself. */
const RESERVE = 1 / 5;

const WINDOWS_MS = { minute: 60_000, hour: 3_600_000 };

/**
 * The pause before the next look, in milliseconds.
 *
 * `requests` is what a look costs, `use` what the API said of the key's limits, `failures` the number of looks that
 * failed in a row, `retryAfterSeconds` what the API asked for in the last of them.
 */
export function pauseMs({ requests, use, failures = 0, retryAfterSeconds, nowMs = Date.now(), random = Math.random }) {
    if (retryAfterSeconds !== undefined) return retryAfterSeconds * 1000 + random() * 1000;
    if (failures > 0) {
        const most = Math.min(BACKOFF_MAX_MS, PAUSE_MIN_MS * 2 ** failures);
        return most / 2 + (random() * most) / 2;
    }
    const pauses = Object.entries(WINDOWS_MS).map(([name, lengthMs]) => {
        const window = use[name];
        if (!window) return PAUSE_MIN_MS;
        if (window.remaining - requests < window.limit * RESERVE) {
            return Math.max(PAUSE_MIN_MS, window.resetsAtMs - nowMs + random() * 1000);
        }
        return (requests * lengthMs) / (window.limit * SHARE);
    });
    return Math.max(PAUSE_MIN_MS, ...pauses);
}

/** Looks again and again, until it is stopped. While the page is hidden it rests, and looks at once when it is seen. */
export class Polling {
    #look;
    #timer;
    #isStopped = false;
    #isLooking = false;
    #isAskedAgain = false;
    #dueAtMs = 0;
    #onVisibility = () => {
        if (!document.hidden && Date.now() >= this.#dueAtMs) this.now();
    };

    /** `look` resolves to the pause until the next one, in milliseconds. */
    constructor(look) {
        this.#look = look;
        document.addEventListener("visibilitychange", this.#onVisibility);
    }

    /** Looks at once; if a look is under way, which may have missed what has just happened, once more after it. */
    async now() {
        clearTimeout(this.#timer);
        if (this.#isLooking) this.#isAskedAgain = true;
        if (this.#isLooking || this.#isStopped) return;
        this.#isLooking = true;
        let pause;
        do {
            this.#isAskedAgain = false;
            pause = await this.#look();
        } while (this.#isAskedAgain && !this.#isStopped);
        this.#isLooking = false;
        if (this.#isStopped) return;
        this.#dueAtMs = Date.now() + pause;
        this.#timer = setTimeout(() => document.hidden || this.now(), pause);
    }

    stop() {
        this.#isStopped = true;
        clearTimeout(this.#timer);
        document.removeEventListener("visibilitychange", this.#onVisibility);
    }
}
