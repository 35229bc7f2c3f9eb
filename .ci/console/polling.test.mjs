import assert from "node:assert/strict";
import { test } from "node:test";
import { pauseMs } from "../../console/polling.js";

const NOW_MS = 1_000_000;

function pause(given) {
    return pauseMs({ requests: 2, use: {}, nowMs: NOW_MS, random: () => 0, ...given });
}

function use(limitMinute, limitHour, remainingMinute = limitMinute, remainingHour = limitHour) {
    return {
        minute: { limit: limitMinute, remaining: remainingMinute, resetsAtMs: NOW_MS + 20_000 },
        hour: { limit: limitHour, remaining: remainingHour, resetsAtMs: NOW_MS + 900_000 },
    };
}

test("looking takes at most a quarter of the key's limits, and no look is sooner than three seconds", () => {
    // Of each plan, the pause in milliseconds for looks of two requests.
    for (const [minute, hour, expected] of [
        [30, 500, 57_600],
        [120, 5_000, 5_760],
        [300, 15_000, 3_000],
        [600, 30_000, 3_000],
    ]) {
        assert.equal(pause({ use: use(minute, hour) }), expected);
    }
    assert.equal(pause({ use: {} }), 3_000);
});

test("what others have nearly used up is left to them until it is counted anew", () => {
    assert.equal(pause({ use: use(600, 30_000, 122) }), 3_000);
    assert.equal(pause({ use: use(600, 30_000, 121) }), 20_000);
    assert.equal(pause({ use: use(600, 30_000, 600, 6_001) }), 900_000);
});

test("a refusal is waited for as long as it says, and at least that", () => {
    assert.equal(pause({ failures: 1, retryAfterSeconds: 1800 }), 1_800_000);
    assert.equal(pause({ failures: 9, retryAfterSeconds: 7, random: () => 0.5 }), 7_500);
});

test("failures double the pause up to a minute, with jitter", () => {
    const pauses = [1, 2, 3, 4, 5, 50].map(failures => pause({ failures }));
    assert.deepEqual(pauses, [3_000, 6_000, 12_000, 24_000, 30_000, 30_000]);
    assert.equal(pause({ failures: 50, random: () => 1 }), 60_000);
});
