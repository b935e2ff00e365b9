import type pg from 'pg';
import { seededRandom } from '../../src/cli/rush/random.ts';
import type { LayoutEvent } from '../../src/domain/layout.ts';
import type { SlotFact } from '../../src/domain/slot/evolve.ts';
import { type DomainEvent, encodeEvent, encodeMetadata } from '../../src/eventstore/catalogue/codec.ts';
import { LogWriter, type Pen, penOf } from '../history/log-writer.ts';
import { BEGINS, HALL, KINDS, storyOf } from './stories.ts';
import { compiled, type Teller, type Told } from './telling.ts';

/** Slots whose events mingle in the log, as those of slots on sale at the same time do. */
const AT_ONCE = 300;
/** Over so many days the slots begin, one after another. */
const DAYS = 330;
/** Different stories of a kind with the same ending. */
const VARIANTS = 3;
const ENDINGS = ['settled', 'with-holds', 'cancelled'] as const;
/** Of so many slots one still has holds, and one was cancelled. */
const WITH_HOLDS = 40;
const CANCELLED = 50;
const WORDS =
  'Hamlet Macbeth Tosca Carmen Aida Norma Faust Medea Phaedra Tartuffe Salome Elektra Otello Falstaff Fidelio Oberon Lohengrin Parsifal Giselle Coppelia Nutcracker Swan Lake Mikado Gondoliers Pinafore Iolanthe Patience Ruddigore Sorcerer Princess Night Morning Summer Winter Spring Harvest Express Coast Mountain River Island Harbour Garden Palace'.split(
    ' ',
  );
const CITIES =
  'London Paris Berlin Madrid Rome Vienna Prague Warsaw Oslo Stockholm Helsinki Dublin Lisbon Athens Zürich Kraków Málaga Århus Łódź Köln'.split(
    ' ',
  );

/** One slot's life on its way into the log. */
interface Life {
  readonly pen: Pen;
  readonly story: readonly Teller[];
  readonly told: Told;
}

/**
 * Writes a log of about so many bookings, the same for the same number: shows in a hall of 200 seats, bus
 * trips, fleets and small events, each told after one of a few lives that the real rules decided.
 */
export async function fillLog(client: pg.Client, bookings: number): Promise<{ readonly slots: number; readonly events: number }> {
  const stories = KINDS.map((kind) => {
    const endings = ENDINGS.map((ending) => Array.from({ length: VARIANTS }, (_, seed) => storyOf(kind, ending, seed)));
    return { kind, held: heldIn(endings[0] ?? []), endings: endings.map((variants) => variants.map((facts) => facts.map(tellerOf))) };
  });
  const ofHundred = stories.flatMap((story) => Array.from({ length: story.kind.share }, () => story));
  const slots = Math.ceil((100 * bookings) / ofHundred.reduce((sum, { held }) => sum + held, 0));
  const writer = new LogWriter(client, seededRandom(bookings));
  await writer.begin();
  writeHall(writer, BEGINS);
  const begin = (number: number): Life => {
    const { kind, endings } = ofHundred[(number * 37) % 100] as (typeof stories)[number];
    const ending = number % WITH_HOLDS === 0 ? 1 : number % CANCELLED === 1 ? 2 : 0;
    const slotId = `${kind.category}-${String(number).padStart(6, '0')}`;
    const word = (factor: number) => WORDS[(number * factor) % WORDS.length] as string;
    const title = `${word(7)} ${word(11)} ${number % 50}`;
    const told = {
      slotId,
      title,
      venue: `venue-${number % 400}`,
      city: CITIES[number % CITIES.length] as string,
      number,
      customers: Math.ceil(bookings / 5),
      later: Math.floor((number * DAYS) / slots) * 86_400_000,
    };
    return {
      pen: penOf(`slot-${slotId}`),
      story: (endings[ending] as Teller[][])[number % VARIANTS] as readonly Teller[],
      told,
    };
  };
  const lives: Life[] = [];
  for (let next = 0; next < slots || lives.length > 0; ) {
    while (next < slots && lives.length < AT_ONCE) lives.push(begin(next++));
    for (const { pen, story, told } of lives) writer.write(pen, (story[pen.version] as Teller)(told));
    await writer.flush();
    for (let index = lives.length - 1; index >= 0; index -= 1) {
      const { pen, story } = lives[index] as Life;
      if (pen.version < story.length) continue;
      writer.finish(pen);
      lives.splice(index, 1);
    }
  }
  await writer.end();
  return { slots, events: writer.position };
}

/** Bookings of a story on average. */
function heldIn(variants: readonly (readonly SlotFact[])[]): number {
  const held = variants.map((facts) => facts.filter(({ event }) => event.type === 'SeatsHeld').length);
  return held.reduce((sum, one) => sum + one, 0) / held.length;
}

/** Writes the layout that all shows share. @param at when it was defined, in epoch milliseconds. */
export function writeHall(writer: LogWriter, at: number): void {
  const { layoutId, name, units } = HALL;
  const events: LayoutEvent[] = [
    { type: 'LayoutDefined', layoutId, name, unitCount: units.length },
    { type: 'LayoutUnitsAdded', layoutId, units },
    { type: 'LayoutCompleted', layoutId },
  ];
  const pen = penOf(`layout-${layoutId}`);
  for (const event of events) writer.write(pen, { at, ...stored(event, at) });
  writer.finish(pen);
}

export function tellerOf({ event, at }: SlotFact): Teller {
  return compiled({ at, ...stored(event, at) });
}

function stored(event: DomainEvent, at: number) {
  const origin = { actor: 'bench', commandId: null, commandHash: null, correlationId: 'bench', causationId: null };
  return { ...encodeEvent(event), metadata: encodeMetadata({ at, ...origin }) };
}
