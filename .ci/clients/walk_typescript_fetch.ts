// The walk of clients, with the client that openapi-generator makes for TypeScript: node FILE URL KEY.
import {
    AgentsApi, AttemptOutcome, CircuitState, Configuration, EventType, InterviewStatus, InterviewsApi, JobsApi, ResponseError,
    WebhooksApi, type CreateAgentRequest, type DeliveryResponse, type JobResponse,
} from './greenroom-fetch';

const [basePath, accessToken] = process.argv.slice(2);
const configuration = new Configuration({ basePath, accessToken });
const webhooks = new WebhooksApi(configuration);

function expect(fact: boolean, what: string): asserts fact {
    if (!fact) throw new Error(what);
}

const agent = (name: string): CreateAgentRequest =>
    ({ name, type: 'ONLINE', focus: 'GENERIC', language: 'EN', duration: 15 });

/** The status of a refusal and the code in its body. */
async function refusal(call: Promise<unknown>): Promise<string> {
    const error = await call.then(() => undefined, (error: unknown) => error);
    expect(error instanceof ResponseError, `not refused: ${error}`);
    return `${error.response.status} ${(await error.response.json()).code}`;
}

async function lifeOfAJob() {
    const api = new JobsApi(configuration);
    const jobs: JobResponse[] = [];
    for (const number of [0, 1, 2]) jobs.push(await api.createJob({ newJob: { title: `Position ${number}` } }));
    const { id } = jobs[0];
    const shown = await api.getJobRaw({ id });
    expect((await shown.value()).title === 'Position 0', 'the job as it was created');

    const listed: string[] = [];
    let cursor: string | undefined;
    do {
        const page = await api.listJobs({ limit: 1, cursor });
        listed.push(...page.items.map((job) => job.id));
        cursor = page.nextCursor;
    } while (cursor);
    const own = listed.filter((one) => jobs.some((job) => job.id === one));
    expect(own.join() === jobs.map((job) => job.id).reverse().join(), 'each job once, newest first');

    const change = (ifMatch: string) => api.changeJobRaw({ id, changeJobRequest: { title: 'Another position' }, ifMatch });
    const version = shown.raw.headers.get('ETag') ?? '';
    const changed = await change(version);
    expect((await changed.value()).title === 'Another position', 'the job as it was changed');
    const outdated = await refusal(change(version));
    expect(outdated === '412 PRECONDITION_FAILED', outdated);
    await api.deleteJob({ id, ifMatch: changed.raw.headers.get('ETag') ?? '' });
    const gone = await refusal(api.getJob({ id }));
    expect(gone === '404 RESOURCE_NOT_FOUND', gone);
}

async function walk() {
    const created = await webhooks.createWebhook({
        createWebhookRequest: { url: 'https://127.0.0.1:1/', events: ['interview.completed'] },
    });
    expect(created.signingSecret?.startsWith('whsec_') === true, 'a secret');
    expect(created.circuit.state === CircuitState.Closed, 'a circuit');
    const { id } = created;
    expect((await webhooks.getWebhook({ id })).events[0] === EventType.InterviewCompleted, 'an event');
    expect((await webhooks.listWebhooks()).items.some((webhook) => webhook.id === id), 'listed');

    const interview = await new InterviewsApi(configuration).createInterview({
        idempotencyKey: crypto.randomUUID(),
        createInterviewRequest: {
            candidate: { firstName: 'Jane', lastName: 'Doe', email: 'jane@example.com', gdprExpiryDate: '2099-12-31' },
            agent: agent('First contact'),
            isTest: true,
        },
    });
    expect(interview.status === InterviewStatus.Completed && interview.isTest, 'an interview');
    expect(interview.analysis?.specific.kind === 'SCREENING', 'an analysis');

    // The attempt is made within a second.
    let [delivery]: DeliveryResponse[] = [];
    for (let tries = 0; tries < 100 && !delivery?.lastAttempt; tries++) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        [delivery] = (await webhooks.listDeliveries({ id, limit: 5 })).items;
    }
    expect(delivery?.interviewId === interview.id, 'a delivery');
    expect(delivery.lastAttempt?.outcome === AttemptOutcome.ConnectFailed, 'an attempt');
    await webhooks.deleteWebhook({ id });

    await lifeOfAJob();

    const stranger = new WebhooksApi(new Configuration({ basePath, accessToken: 'sk_none' }));
    const refusals = [
        await refusal(new AgentsApi(configuration).createAgent({ createAgentRequest: agent('A') })),
        await refusal(stranger.listWebhooks()),
        await refusal(webhooks.getWebhook({ id: crypto.randomUUID() })),
    ].join(', ');
    expect(refusals === '400 VALIDATION_FAILED, 401 INVALID_API_KEY, 404 RESOURCE_NOT_FOUND', refusals);
}

walk().catch((error) => {
    console.error(error);
    process.exit(1);
});
