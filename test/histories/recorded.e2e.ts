import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import type { Service } from '../../src/main.ts';
import { Random } from '../domain/oracle/random.ts';
import { withDatabase } from '../support/postgres.ts';
import { startService } from '../support/service.ts';
import { checkHistory } from './check-history.ts';
import { Buyer } from './people/buyer.ts';
import { Operator } from './people/operator.ts';
import { Reader } from './people/reader.ts';
import { openingWithUnits, planSlot } from './people/slots.ts';
import type { Surroundings } from './people/surroundings.ts';
import { HttpClient, Recorder } from './recorder.ts';

const SEED = Number(process.env.HOLDFAST_SEED ?? Date.now() % 1_000_000);
const BUYERS = 16;
const READERS = 3;
/** One machine, one clock; what is measured through a busy event loop may still be some milliseconds off. */
const BOUNDS = { clientSkewMs: 20, serviceSkewMs: 200, commitMs: 1_000 };
/** Answers that only trouble justifies. */
const EXCUSES = ['no answer', 'unavailable', 'outcome-unknown', 'too-much-contention', 'view-behind'];

describe(`clients of two services who write down all that they ask and are answered (seed ${SEED})`, function () {
  this.timeout(120_000);
  const database = withDatabase();
  const random = new Random(SEED);
  const recorder = new Recorder();
  let services: readonly Service[] = [];

  before(async () => {
    services = [await startService(database()), await startService(database())];
  });
  after(() => Promise.all(services.map((service) => service.stop())));

  it('find every answer borne out by the log: bookings, refusals, keys and reads', async () => {
    const now = Date.now();
    const axes = ['whole', 'stops', 'time'] as const;
    const slots = axes.map((axis, index) => planSlot(random, `slot${index}`, now, { axis, holdSeconds: 1 }));
    const client = (name: string) => new HttpClient(name, recorder, () => random.pick(services).url);
    for (const slot of slots)
      expect((await client('owner').insist({ method: 'POST', path: '/slots', body: openingWithUnits(slot) }))?.status).to.equal(201);
    const around: Surroundings = {
      ...{ random, slots, thought: 150, versions: recorder.versions },
      now: () => Date.now(),
      pause: (milliseconds) => pause(Math.max(0, milliseconds)),
    };
    let isOver = false;
    const readOn = async (reader: Reader) => {
      while (!isOver) await reader.live(10);
    };
    const readers = Array.from({ length: READERS }, (_, index) => readOn(new Reader(around, client(`reader${index}`), recorder)));
    const buyers = Array.from({ length: BUYERS }, (_, index) => new Buyer(around, client(`buyer${index}`)).live(6));
    await Promise.all([...buyers, new Operator(around, client('operator')).live()]);
    isOver = true;
    await Promise.all(readers);

    const report = checkHistory(await recorder.history(services[0]!.url, BOUNDS));
    const told = (counts: ReadonlyMap<string, number>) => [...counts].map(([what, count]) => `${count} ${what}`).join(', ');
    console.log(
      `      ${report.events} events, ${report.records} requests: ${told(report.answers)}; not judged: ${told(report.notJudged) || 'none'}`,
    );
    expect(report.faults).to.deep.equal([]);
    expect(['would-leave-orphan'], 'what is known not to be judged').to.include.members([...report.notJudged.keys()]);
    expect(
      EXCUSES.filter((excuse) => report.answers.has(excuse)),
      'though nothing went wrong',
    ).to.deep.equal([]);
    expect(report.answers.get('done')).to.be.greaterThan(BUYERS);
    expect(report.answers.get('read')).to.be.greaterThan(READERS * 10);
  });
});
