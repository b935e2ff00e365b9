import { setTimeout as pace } from 'node:timers/promises';
import { expect } from 'chai';
import type { RecordedEvent } from '../../src/eventstore/event-store.ts';
import type { Service } from '../../src/main.ts';
import { bookings } from '../../src/projections/bookings/bookings.ts';
import { inventory } from '../../src/projections/inventory/inventory.ts';
import { demand } from '../support/api.ts';
import { OrderedReader } from '../support/ordered-reader.ts';
import { withDatabase } from '../support/postgres.ts';
import { seeded } from '../support/random.ts';
import { RandomHistory } from '../support/random-history.ts';
import { expectEqualToReplay } from '../support/rebuilt-side.ts';
import { withAndWithoutRedis } from '../support/redis.ts';
import { startService } from '../support/service.ts';
import { waitUntil } from '../support/wait-until.ts';

/** Events before the rebuild; `npm run verify:reads` asks for 200,000. */
const EVENTS = Number(process.env.HOLDFAST_HISTORY_EVENTS ?? 4_000);
const SEED = Number(process.env.HOLDFAST_SEED ?? Date.now() % 1_000_000);
const BOUND_MS = 60_000 + EVENTS * 3;
/** Events a second that are written all the while, and how often the writer looks how many are due, in milliseconds. */
const RATE = 500;
const PACE_MS = 20;
/** Readers of each service, and as many that go from one to the other. */
const READERS = 3;
/** Answers that every reader has once the new builds are read, before it stops. */
const ANSWERS_AFTERWARDS = 50;
/** Slots that were opened last, which are asked for most: they are those that are written to. */
const IN_USE = 30;
const PAGE_EVENTS = 1_000;

interface BuildBody {
  readonly build: number;
  readonly state: string;
}
/** The live build, with the others. */
interface ProjectionBody extends BuildBody {
  readonly name: string;
  readonly builds: readonly BuildBody[];
}

withAndWithoutRedis(`read models that are rebuilt while ${RATE} events a second are written (seed ${SEED})`, function (layers) {
  this.timeout(3 * BOUND_MS);
  const random = seeded(SEED);
  const database = withDatabase();
  const services: Service[] = [];
  const readers: OrderedReader[] = [];
  const running: Promise<void>[] = [];
  /** Where the log was when a build was first seen in a state. */
  const seen = new Map<string, number>();
  let history: RandomHistory;
  let stopping = false;
  let head = 0;
  let rate = 0;

  before(async () => {
    const { redisUrl } = layers();
    const shared = { releaseProcess: false, ...(redisUrl === undefined ? {} : { redisUrl }) };
    // One with memory, and one whose memory keeps nothing, so that the next layer answers whatever it is asked.
    services.push(await startService(database(), shared));
    services.push(await startService(database(), { ...shared, memoryBytes: 0 }));
    history = new RandomHistory(first().store, SEED);
    head = await history.grow(EVENTS);
  });
  after(async () => {
    stopping = true;
    await Promise.allSettled(running);
    for (const service of services) await service.stop();
  });

  const first = () => services[0] as Service;

  async function write(): Promise<void> {
    const begun = performance.now();
    const before = history.events;
    while (!stopping) {
      const due = before + Math.floor((RATE * (performance.now() - begun)) / 1_000) - history.events;
      if (due > 0) head = await history.grow(due);
      await pace(PACE_MS);
    }
    rate = ((history.events - before) / (performance.now() - begun)) * 1_000;
  }

  async function read(urls: readonly string[], namesPositions: boolean): Promise<void> {
    const slotIds = () => history.slotIds.slice(-IN_USE);
    const reader = new OrderedReader({ urls, namesPositions, random, slotIds, written: () => head });
    readers.push(reader);
    while (!stopping) {
      await reader.read();
      await pace(1);
    }
  }

  async function rebuild(name: string): Promise<void> {
    await demand(202, first().url, `/admin/projections/${name}/rebuild`, { body: { switch: true } });
    await waitUntil(
      `the new build of ${name} is read`,
      async () => {
        const { body } = await demand<{ items: readonly ProjectionBody[] }>(200, first().url, '/admin/projections');
        const live = body.items.find((one) => one.name === name) as ProjectionBody;
        const state = `${name} ${[live, ...live.builds].find(({ build }) => build === 2)?.state}`;
        if (!seen.has(state)) seen.set(state, head);
        return live.build === 2 && services.every(({ runner }) => runner.live.peek({ name })?.build === 2);
      },
      BOUND_MS,
    );
  }

  async function wholeLog(): Promise<readonly RecordedEvent[]> {
    const log: RecordedEvent[] = [];
    for (;;) {
      const page = await first().store.readFeed(log.at(-1)?.position ?? 0, PAGE_EVENTS);
      log.push(...page);
      if (page.length < PAGE_EVENTS) return log;
    }
  }

  it('are switched under readers of whom none is shown an error, or less than before', async () => {
    const urls = services.map(({ url }) => url);
    const writing = history.events;
    running.push(write());
    for (let reader = 0; reader < READERS; reader += 1) running.push(...urls.map((url) => read([url], false)), read(urls, true));
    for (const { name } of [inventory, bookings]) await rebuild(name);
    const then = readers.map(({ answers }) => answers + ANSWERS_AFTERWARDS);
    await waitUntil('all have read on', async () => {
      await pace(PACE_MS);
      return readers.every(({ answers, faults }, index) => faults.length > 0 || answers >= (then[index] as number));
    });
    stopping = true;
    await Promise.all(running);

    const answers = readers.reduce((sum, reader) => sum + reader.answers, 0);
    const sentAway = readers.reduce((sum, reader) => sum + reader.sentAway, 0);
    const where = [...seen].map(([state, position]) => `${state} at ${position}`).join(', ');
    console.log(
      `      ${history.events - writing} events written, ${rate.toFixed(0)} a second; ${answers} answers, ${sentAway} sent away; ${where}`,
    );
    expect(readers.flatMap(({ faults }) => faults)).to.deep.equal([]);
    expect(sentAway, 'asked to come again, on a busy machine').to.be.at.most(answers / 100);
    const log = await wholeLog();
    expect(readers.flatMap((reader) => reader.faultsBy(log))).to.deep.equal([]);
    expect(seen.get(`${bookings.name} live`), 'writes went on').to.be.greaterThan(EVENTS + 10);
  });

  it('equal what the aggregates come to when they are replayed', async () => {
    for (const { name } of [inventory, bookings]) {
      const wait = await first().runner.watch.waitFor({ name }, await first().store.headPosition(), BOUND_MS);
      expect(wait.reached, name).to.equal(true);
    }
    await expectEqualToReplay(first());
  });
});
