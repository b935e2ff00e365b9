import type { Arena } from '../arena.ts';
import { ratioOf, type Spread, spreadOf } from '../interleave.ts';
import type { StreamResult } from '../load/jobs.ts';
import type { Report } from '../report.ts';
import { openSizedLog, type SizedLog } from './sized-log.ts';

/** Events in the logs that are compared; HOLDFAST_GROWTH=10000,10000000 takes others. */
const SIZES = [10_000, 100_000, 1_000_000];
const HOT = { shows: 50, seats: 4_000 };
/** Far below what a service makes, so that what is seen is the time of a hold and not of a queue; HOLDFAST_GROWTH_RATE takes another. */
const HOLDS_PER_SECOND = 100;
const LEAD_IN_MS = 500;
const CONNECTIONS = 64;
/** First holds on slots that were not in memory, of each size in a round. */
const COLD_PER_ROUND = 20;
/** Slots that are asked for at a time when all that are on sale are. */
const AT_ONCE = 16;
/** Shows that are booked to see what memory that takes. */
const MOST_SHOWS = 50_000;

/** Whether time and memory stay what they are as the log grows. */
export async function growth(arena: Arena): Promise<Report> {
  const sizes = process.env.HOLDFAST_GROWTH?.split(',').map(Number) ?? SIZES;
  const logs: SizedLog[] = [];
  try {
    for (const events of sizes) logs.push(await openSizedLog(arena, events, HOT, (line) => console.log(line)));
    const found = logs.map((log) => new Found(log));
    for (let round = 0; round < arena.settings.rounds; round += 1) {
      for (const one of found) one.startUps.push(await one.log.restart());
      // A service that has just started compiles its code.
      for (const one of found) await holds(arena, one.log, 2_000);
      for (const one of found) one.hot.push(await holds(arena, one.log, arena.settings.milliseconds));
      for (let step = 0; step < COLD_PER_ROUND; step += 1) for (const one of found) await one.holdCold();
    }
    for (const one of found) await one.useAll();
    return reportOf(found);
  } finally {
    for (const log of logs) await log.stop();
  }
}

/** What was found out about one log. */
class Found {
  readonly log: SizedLog;
  readonly startUps: number[] = [];
  readonly hot: StreamResult['latency'][] = [];
  readonly cold: number[] = [];
  resident = { before: 0, after: 0 };
  used = 0;
  private nextCold = 0;

  constructor(log: SizedLog) {
    this.log = log;
  }

  /** One show after the other, from the latest on; none twice. */
  async holdCold(): Promise<void> {
    const show = this.log.coldShows[this.log.coldShows.length - 1 - this.nextCold];
    if (show === undefined) return;
    this.nextCold += 1;
    const begun = performance.now();
    await hold(this.log, show);
    this.cold.push(performance.now() - begun);
  }

  /** Reads and books every show that is on sale, and looks at what memory that has taken. */
  async useAll(): Promise<void> {
    const { log } = this;
    this.resident.before = (await log.residentBytes()) ?? 0;
    const shows = log.coldShows.slice(0, -Math.max(1, this.nextCold)).slice(-MOST_SHOWS);
    for (let from = 0; from < shows.length; from += AT_ONCE) {
      await Promise.all(
        shows.slice(from, from + AT_ONCE).map(async (show) => {
          await (await fetch(`${log.url()}/api/v1/slots/${show}/seats`)).arrayBuffer();
          await hold(log, show);
        }),
      );
      this.resident.after = Math.max(this.resident.after, (await log.residentBytes()) ?? 0);
    }
    this.used = shows.length;
    await log.rest();
  }
}

async function holds(arena: Arena, log: SizedLog, milliseconds: number): Promise<StreamResult['latency']> {
  const perSecond = Number(process.env.HOLDFAST_GROWTH_RATE ?? HOLDS_PER_SECOND);
  const load = { kind: 'holds', shows: log.hotShows, seats: HOT.seats, spread: 'even', confirm: false } as const;
  const stream = { port: log.port(), connections: CONNECTIONS, pace: { kind: 'open', perSecond }, load } as const;
  const [result] = await arena.generator.run({ streams: [stream], leadInMilliseconds: LEAD_IN_MS, milliseconds });
  await log.rest();
  return (result as StreamResult).latency;
}

async function hold(log: SizedLog, show: string): Promise<void> {
  const response = await fetch(`${log.url()}/api/v1/slots/${show}/bookings`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() },
    body: JSON.stringify({ customerId: 'c-1', bestAvailable: { quantity: 1 } }),
  });
  const text = await response.text();
  if (response.status !== 201) throw new Error(`a hold of ${show} was answered ${response.status}: ${text.slice(0, 300)}`);
}

function reportOf(found: readonly Found[]): Report {
  const [first] = found as [Found];
  const of = (one: Found, which: 'p50' | 'p99') => one.hot.map((latency) => latency[which]);
  const factor = (one: Found, which: 'p50' | 'p99') => times(ratioOf(of(one, which), of(first, which)));
  const rows = found.map((one) => {
    const { log, cold, startUps, resident } = one;
    const sorted = [...cold].sort((a, b) => a - b);
    const coldAt = (share: number) => ms(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN);
    return [
      log.name,
      `${log.openSlots}`,
      `${Math.round(log.megabytes.log)} / ${Math.round(log.megabytes.all)}`,
      `${ms(spreadOf(of(one, 'p50')).median)} (${factor(one, 'p50')})`,
      `${ms(spreadOf(of(one, 'p99')).median)} (${factor(one, 'p99')})`,
      `${coldAt(0.5)} / ${coldAt(0.99)}`,
      `${(spreadOf(startUps).median / 1_000).toFixed(1)} (${(spreadOf(startUps).most / 1_000).toFixed(1)})`,
      `${mb(resident.before)} / ${mb(resident.after)} (${one.used})`,
    ];
  });
  return {
    title: 'What becomes of time and memory as the log grows',
    tables: [
      {
        caption: `Milliseconds of a hold through HTTP at ${process.env.HOLDFAST_GROWTH_RATE ?? HOLDS_PER_SECOND} a second over ${HOT.shows} shows in memory, medians of the rounds and how many times the first line's`,
        columns: [
          'events',
          'slots on sale',
          'MB of log / all',
          'hold p50',
          'hold p99',
          'first hold on a cold slot p50 / p99',
          'seconds from start to ready (worst)',
          'MB resident after the rounds / with so many more slots in use',
        ],
        rows,
      },
    ],
    remarks: [
      'Start to ready is that of the service beside a running PostgreSQL; the embedded one takes 0.1 s more when it was stopped in good order.',
    ],
  };
}

const ms = (milliseconds: number) => milliseconds.toFixed(1);
const mb = (bytes: number) => String(Math.round(bytes / 2 ** 20));
const times = ({ median }: Spread) => `${median.toFixed(2)} ×`;
