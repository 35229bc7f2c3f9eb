/** Values of the API in words and numbers for people. */

const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const DAY_OF_YEAR = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
const RELATIVE = new Intl.RelativeTimeFormat(undefined, { numeric: "always" });
const LANGUAGES = new Intl.DisplayNames("en", { type: "language" });
const NUMBER = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 });
/** The names of words that the first letter alone does not make readable. */
const WORDS = { FULL_TIME: "Full-time", PART_TIME: "Part-time", ONSITE: "On site", PHONE: "Phone" };
/** The distance that is none, in seconds. */
const NOW_SECONDS = 10;

/** From the smallest unit: its length in seconds, and from how many seconds on it is used. */
const UNITS = [
    ["second", 1, 0],
    ["minute", 60, 60],
    ["hour", 3_600, 3_600],
    ["day", 86_400, 86_400],
];

/** A word of the API: `IN_PROGRESS` as "In progress". */
export function word(value) {
    if (!value) return value;
    const text = value.replaceAll("_", " ").toLowerCase();
    return WORDS[value] ?? text[0].toUpperCase() + text.slice(1);
}

/** The name of a member: `conversationCheck` as "Conversation check". */
export function memberName(name) {
    return word(name.replace(/([A-Z])/g, "_$1"));
}

export function language(code) {
    return LANGUAGES.of(code.toLowerCase());
}

export function number(value) {
    return NUMBER.format(value);
}

/** A number of things: `count(1, "interview")` is "1 interview". */
export function count(amount, noun) {
    return `${number(amount)} ${noun}${amount === 1 ? "" : "s"}`;
}

/** A time in few words: the hour today and tomorrow, the day otherwise. */
export function moment(time, now = new Date()) {
    const at = new Date(time);
    const days = Math.round((startOfDay(at) - startOfDay(now)) / 86_400_000);
    if (days === 0) return `Today ${TIME.format(at)}`;
    if (days === 1) return `Tomorrow ${TIME.format(at)}`;
    if (days === -1) return `Yesterday ${TIME.format(at)}`;
    const day = at.getFullYear() === now.getFullYear() ? DAY : DAY_OF_YEAR;
    return `${day.format(at)}, ${TIME.format(at)}`;
}

/** The distance of a time from now: "in 5 minutes". */
export function distance(time, now = new Date()) {
    const seconds = Math.round((new Date(time) - now) / 1000);
    if (Math.abs(seconds) < NOW_SECONDS) return "now";
    const [unit, length] = UNITS.findLast(([, , from]) => Math.abs(seconds) >= from);
    return RELATIVE.format(Math.trunc(seconds / length), unit);
}

export function day(date) {
    return DAY_OF_YEAR.format(new Date(date));
}

export function full(time) {
    return FULL.format(new Date(time));
}

export function clock(time) {
    return new Date(time).toLocaleTimeString();
}

/** A place in a conversation: `75` as "1:15". */
export function position(seconds) {
    const whole = Math.floor(seconds);
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function startOfDay(time) {
    return new Date(time.getFullYear(), time.getMonth(), time.getDate());
}
