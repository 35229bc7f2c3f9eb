import assert from "node:assert/strict";
import { test } from "node:test";
import { Api, Problem } from "../../console/api.js";
import { PagedList } from "../../console/list.js";

/** A client whose requests are answered in turn, and the requests that it has sent. */
function answered(answers, session = { key: "sk_test" }) {
    const sent = [];
    const fetch = async (url, options) => {
        sent.push({ url, ...options });
        const answer = answers.shift();
        if (answer instanceof Error) throw answer;
        return answer;
    };
    return { api: new Api("https://api.example.com", session, fetch), sent };
}

function answer(body, { status = 200, headers = {} } = {}) {
    return new Response(status === 304 ? null : JSON.stringify(body), { status, headers });
}

test("a resource is sent once, and asked for by its version after that", async () => {
    const { api, sent } = answered([
        answer({ name: "a" }, { headers: { etag: '"1"' } }),
        answer(null, { status: 304 }),
        answer({ name: "b" }, { headers: { etag: '"2"' } }),
    ]);
    const seen = [await api.get("/company"), await api.get("/company"), await api.get("/company")];
    assert.deepEqual(seen, [{ name: "a" }, { name: "a" }, { name: "b" }]);
    assert.deepEqual(sent.map(request => request.headers["If-None-Match"]), [undefined, '"1"', '"1"']);
    assert.equal(api.version("/company"), '"2"');
});

test("the key is sent in a header only, and nothing else of the browser's is", async () => {
    const { api, sent } = answered([answer({})]);
    await api.get("/interviews", { status: "FAILED", isTest: "" });
    const [{ url, headers, credentials, redirect, cache }] = sent;
    assert.equal(url, "https://api.example.com/interviews?status=FAILED");
    assert.equal(headers.Authorization, "Bearer sk_test");
    assert.deepEqual([credentials, redirect, cache], ["omit", "error", "no-store"]);
});

test("a system's key names its company, but not at webhooks", async () => {
    const { api, sent } = answered([answer({}), answer({})], { key: "sk_test", companyId: "c" });
    await api.get("/jobs");
    await api.post("/webhooks/1/test");
    assert.deepEqual(sent.map(request => new URL(request.url).search), ["?companyId=c", ""]);
});

test("a verb names the version that the person saw", async () => {
    const { api, sent } = answered([answer({})]);
    await api.post("/interviews/1/cancel", '"7"');
    assert.equal(sent[0].headers["If-Match"], '"7"');
});

test("a refusal has its text, code, request id and the time to wait", async () => {
    const body = { title: "Too many", detail: "Wait.", code: "RATE_LIMITED", requestId: "r" };
    const { api } = answered([answer(body, { status: 429, headers: { "retry-after": "17" } })]);
    await assert.rejects(api.get("/company"), problem => {
        const { message, status, code, requestId, retryAfterSeconds: seconds } = problem;
        assert.deepEqual([message, status, code, requestId, seconds], ["Wait.", 429, "RATE_LIMITED", "r", 17]);
        return problem instanceof Problem;
    });
});

test("no answer, and one that is no JSON, are problems too", async () => {
    const { api } = answered([new TypeError("no network"), new Response("<html>", { status: 502 })]);
    await assert.rejects(api.get("/company"), { code: "UNREACHABLE" });
    await assert.rejects(api.get("/company"), { code: "HTTP_502", status: 502 });
});

test("the limits of use are those of the last answer that told them", async () => {
    const headers = Object.fromEntries(
        ["minute", "hour"].flatMap(name => [
            [`x-ratelimit-limit-${name}`, "30"],
            [`x-ratelimit-remaining-${name}`, "29"],
            [`x-ratelimit-reset-${name}`, "60"],
        ]),
    );
    const { api } = answered([answer({}, { headers }), answer({})]);
    await api.get("/company");
    await api.get("/company");
    assert.deepEqual(api.use.minute, { limit: 30, remaining: 29, resetsAtMs: 60_000 });
});

function item(number) {
    return { id: `i${number}`, createdAt: `2026-11-27T00:00:${String(number).padStart(2, "0")}.000Z` };
}

function page(numbers, nextCursor) {
    return answer({ items: numbers.map(item), nextCursor });
}

const range = (from, to) => Array.from({ length: from - to + 1 }, (_, place) => from - place);
const numbers = list => list.items.map(each => Number(each.id.slice(1)));

test("a list that is looked at again shows each item once: new ones, older pages, and none that is gone", async () => {
    const { api, sent } = answered([
        page(range(40, 21), "c1"),
        page(range(20, 1), undefined),
        // 42 and 41 are new, 30 is gone, and 21 and 22 were pushed out.
        page([42, 41, ...range(40, 31), ...range(29, 22)], "c2"),
    ]);
    const list = new PagedList(api, "/jobs");
    await list.look();
    assert.deepEqual([list.fresh.size, list.hasMore], [0, true]);
    await list.more();
    await list.look();
    assert.deepEqual(numbers(list), [42, 41, ...range(40, 31), ...range(29, 1)]);
    assert.deepEqual([[...list.fresh], list.hasMore], [["i42", "i41"], false]);
    assert.deepEqual(sent.map(request => new URL(request.url).searchParams.get("cursor")), [null, "c1", null]);
});

test("short and empty pages are not taken for the end", async () => {
    const { api } = answered([page([], "c1"), page([9], "c2"), page([8], undefined)]);
    const list = new PagedList(api, "/jobs");
    await list.look();
    assert.deepEqual([numbers(list), list.hasMore], [[9, 8], false]);
});
