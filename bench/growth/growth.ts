import type { Arena } from '../arena.ts';
import type { OpenSlot } from '../history/history.ts';
import { ratioOf, type Spread, spreadOf } from '../interleave.ts';
import type { StreamResult } from '../load/jobs.ts';
import type { Report } from '../report.ts';
import { openSizedLog, type SizedLog } from './sized-log.ts';
import { holdIn, visit } from './visit.ts';

/** Events in the logs that are compared; HOLDFAST_GROWTH=10000,10000000 takes others. */
const SIZES = [10_000, 100_000, 1_000_000];
const HOT = { shows: 50, seats: 4_000 };
/** Far below what a service makes, so that what is seen is the time of a hold and not of a queue; HOLDFAST_GROWTH_RATE takes another. */
const HOLDS_PER_SECOND = 100;
const LEAD_IN_MS = 500;
const CONNECTIONS = 64;
/** First holds on slots that were not in memory, of each size in a round. */
const COLD_PER_ROUND = 20;
/** Slots that are asked for at a time when all that are on sale are, and how many there are between two looks at the memory. */
const AT_ONCE = 32;
const LOOK_EVERY = 1_000;
/** What a service may take, in bytes, and how long it may take to be ready, in milliseconds, whatever the log. */
const RESIDENT_BOUND = 2 ** 30;
const READY_BOUND_MS = 10_000;

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
    if (found.some((one) => one.resident.most >= RESIDENT_BOUND || Math.max(...one.startUps) >= READY_BOUND_MS)) process.exitCode = 1;
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
  readonly resident = { before: 0, most: 0 };
  private readonly coldShows: OpenSlot[];

  constructor(log: SizedLog) {
    this.log = log;
    this.coldShows = log.openSlots.filter(({ category }) => category === 'theatre');
  }

  /** One show after the other, from the latest on; none twice. */
  async holdCold(): Promise<void> {
    const show = this.coldShows.pop();
    if (show === undefined) return;
    const begun = performance.now();
    await holdIn(this.log.url(), show, Date.now());
    this.cold.push(performance.now() - begun);
  }

  /** Reads and books every slot that is on sale, and looks at what memory that takes. */
  async useAll(): Promise<void> {
    const { log } = this;
    const { openSlots } = log;
    this.resident.before = (await log.residentBytes()) ?? 0;
    const now = Date.now();
    for (let from = 0; from < openSlots.length; from += LOOK_EVERY) {
      const some = openSlots.slice(from, from + LOOK_EVERY).values();
      const visitor = async () => {
        for (const slot of some) await visit(log.url(), slot, now);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, visitor));
      this.resident.most = Math.max(this.resident.most, (await log.residentBytes()) ?? 0);
    }
    await log.rest();
  }
}

async function holds(arena: Arena, log: SizedLog, milliseconds: number): Promise<StreamResult['latency']> {
  const perSecond = Number(process.env.HOLDFAST_GROWTH_RATE ?? HOLDS_PER_SECOND);
  const load = { kind: 'holds', shows: log.hotShows, seats: HOT.seats, spread: 'even', confirm: false } as const;
  const stream = { port: log.port(), connections: CONNECTIONS, pace: { kind: 'open', perSecond }, load } as const;
  const [result] = await arena.run({ streams: [stream], leadInMilliseconds: LEAD_IN_MS, milliseconds });
  await log.rest();
  return (result as StreamResult).latency;
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
      `${log.openSlots.length}`,
      `${Math.round(log.megabytes.log)} / ${Math.round(log.megabytes.all)}`,
      `${ms(spreadOf(of(one, 'p50')).median)} (${factor(one, 'p50')})`,
      `${ms(spreadOf(of(one, 'p99')).median)} (${factor(one, 'p99')})`,
      `${coldAt(0.5)} / ${coldAt(0.99)}`,
      `${(spreadOf(startUps).median / 1_000).toFixed(1)} (${(spreadOf(startUps).most / 1_000).toFixed(1)})`,
      `${mb(resident.before)} / ${mb(resident.most)}`,
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
          'MB resident after the rounds / most while every slot on sale is read and booked',
        ],
        rows,
      },
    ],
    remarks: [
      `Fails when a start takes ${READY_BOUND_MS / 1_000} s or more, or when ${mb(RESIDENT_BOUND)} MB or more are resident.`,
      'Start to ready is that of the service beside a running PostgreSQL; the embedded one takes 0.1 s more when it was stopped in good order.',
    ],
  };
}

const ms = (milliseconds: number) => milliseconds.toFixed(1);
const mb = (bytes: number) => String(Math.round(bytes / 2 ** 20));
const times = ({ median }: Spread) => `${median.toFixed(2)} ×`;
