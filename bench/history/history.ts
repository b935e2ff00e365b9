import pg from 'pg';
import { type Random, seededRandom, wholeBetween } from '../../src/cli/rush/random.ts';
import type { SlotEvent } from '../../src/domain/slot/events.ts';
import type { SlotFact } from '../../src/domain/slot/evolve.ts';
import { tellerOf, writeHall } from '../plans/fill-log.ts';
import { BEGINS, KINDS, type Kind, storyOf } from '../plans/stories.ts';
import type { Teller, Told } from '../plans/telling.ts';
import { LogWriter, type Pen, penOf } from './log-writer.ts';

export interface HistoryOptions {
  /** Events in the log in the end, the hall's layout among them. */
  readonly events: number;
  /** Slots that are still on sale, beside those of the past. */
  readonly openSlots: number;
  readonly years: number;
  /** The same seed tells the same history. */
  readonly seed: number;
  /** The last event happens before this instant, in epoch milliseconds. */
  readonly until: number;
}

export interface History {
  readonly slots: number;
  /** Those that are on sale, in which there is much left; of a kind of `KINDS`. */
  readonly openSlots: readonly OpenSlot[];
}

export interface OpenSlot {
  readonly slotId: string;
  readonly category: string;
}

const DAY = 86_400_000;
/** Slots whose events mingle in the log, as those of slots on sale at the same time do. */
const AT_ONCE = 300;
/** Different stories of a kind. */
const VARIANTS = 5;
/** A slot on sale has had so many times fewer bookings than one that is over. */
const FEWER = 6;
/** Of so many slots that are over one was cancelled. */
const CANCELLED = 25;
/** The longest of the stories takes so long. */
const STORY_DAYS = 30;

/** What happens to slots of a kind that are over, that were cancelled, or that are on sale. */
interface Plot {
  readonly kind: Kind;
  readonly over: readonly (readonly Teller[])[];
  readonly cancelled: readonly (readonly Teller[])[];
  readonly open: readonly (readonly Teller[])[];
}

interface Life {
  readonly pen: Pen;
  readonly story: readonly Teller[];
  readonly told: Told;
}

/**
 * Writes years of history into the empty log of a migrated database: slots of all kinds, one after another, each told after one of a few lives
 * that the real rules decided.
 */
export async function writeHistory(connectionString: string, options: HistoryOptions): Promise<History> {
  const { events, openSlots, years, seed, until } = options;
  const plots = KINDS.map((kind) => plotOf(kind, seed, years));
  const ofHundred = plots.flatMap((plot) => Array.from({ length: plot.kind.share }, () => plot));
  const past = Math.max(0, Math.ceil((events - openSlots * lengthOf(ofHundred, 'open')) / lengthOf(ofHundred, 'over')));
  const slots = openSlots + past;
  const random = seededRandom(seed);
  const open: OpenSlot[] = [];
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query('SET synchronous_commit = off');
    const writer = new LogWriter(client, random);
    await writer.begin();
    writeHall(writer, Math.floor(until - (STORY_DAYS + 365 * years) * DAY));
    const begin = (number: number): Life => {
      const isOpen = Math.floor(((number + 1) * openSlots) / slots) > Math.floor((number * openSlots) / slots);
      const plot = ofHundred[wholeBetween(random, 0, 99)] as Plot;
      const variants = isOpen ? plot.open : wholeBetween(random, 1, CANCELLED) === 1 ? plot.cancelled : plot.over;
      const told = toldOf(plot.kind, number, random, { slots, until, years });
      if (isOpen) open.push({ slotId: told.slotId, category: plot.kind.category });
      return { pen: penOf(`slot-${told.slotId}`), story: variants[wholeBetween(random, 0, VARIANTS - 1)] as readonly Teller[], told };
    };
    const lives: Life[] = [];
    for (let next = 0; writer.position < events; ) {
      // Stories are not all of the same length: should all slots have had theirs, there are some more.
      while (lives.length < AT_ONCE && (next < slots || lives.length === 0)) lives.push(begin(next++));
      for (let index = lives.length - 1; index >= 0 && writer.position < events; index -= 1) {
        const { pen, story, told } = lives[index] as Life;
        writer.write(pen, (story[pen.version] as Teller)(told));
        if (pen.version < story.length) continue;
        writer.finish(pen);
        lives.splice(index, 1);
      }
      await writer.flush();
    }
    // Whoever is still alive goes on some other day.
    for (const { pen } of lives) writer.finish(pen);
    await writer.end();
    await client.query('ANALYZE holdfast.events, holdfast.streams');
    return { slots, openSlots: open };
  } finally {
    await client.end();
  }
}

function plotOf(kind: Kind, seed: number, years: number): Plot {
  const variants = (of: Kind, ending: 'settled' | 'cancelled') =>
    Array.from({ length: VARIANTS }, (_, variant) => storyOf(of, ending, seed * VARIANTS + variant));
  const fewer = variants({ ...kind, bookings: Math.ceil(kind.bookings / FEWER) }, 'settled');
  return {
    kind,
    over: variants(kind, 'settled').map((facts) => facts.map(tellerOf)),
    cancelled: variants(kind, 'cancelled').map((facts) => facts.map(tellerOf)),
    open: fewer.map((facts) => facts.map((fact) => tellerOf(postponed(fact, (365 * years + 2 * STORY_DAYS) * DAY)))),
  };
}

/** The occasion takes place so much later. */
function postponed({ event, ...fact }: SlotFact, by: number): SlotFact {
  return { ...fact, event: event.type === 'SlotOpened' ? openedLater(event, by) : event };
}

function openedLater(event: Extract<SlotEvent, { type: 'SlotOpened' }>, by: number): SlotEvent {
  const { startsAt, endsAt, axis } = event;
  const stops =
    axis.type === 'stops' ? { ...axis, stops: axis.stops.map((stop) => ({ ...stop, departsAt: (stop.departsAt ?? 0) + by })) } : axis;
  return { ...event, startsAt: startsAt === null ? null : startsAt + by, endsAt: endsAt === null ? null : endsAt + by, axis: stops };
}

/** Events of a slot on average. */
function lengthOf(plots: readonly Plot[], which: 'open' | 'over'): number {
  const lengths = plots.flatMap((plot) => plot[which].map((story) => story.length));
  return lengths.reduce((sum, one) => sum + one, 0) / lengths.length;
}

function toldOf(
  kind: Kind,
  number: number,
  random: Random,
  { slots, until, years }: { readonly slots: number; readonly until: number; readonly years: number },
): Told {
  const ago = STORY_DAYS * DAY + Math.max(0, 1 - number / slots) * 365 * years * DAY;
  return {
    slotId: `${kind.category}-${String(number).padStart(7, '0')}`,
    title: `${kind.category} ${number % 5_000}`,
    venue: `venue-${wholeBetween(random, 1, 400)}`,
    city: `City ${wholeBetween(random, 1, 40)}`,
    number,
    customers: 20 * slots,
    later: Math.floor(until - ago) - BEGINS,
  };
}
