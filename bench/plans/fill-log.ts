import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { LayoutEvent } from '../../src/domain/layout.ts';
import type { SlotFact } from '../../src/domain/slot/evolve.ts';
import { type DomainEvent, encodeEvent, encodeMetadata } from '../../src/eventstore/catalogue/codec.ts';
import { CHAIN_START, chainHash } from '../../src/eventstore/hash-chain.ts';
import { createPostgresEventStore } from '../../src/eventstore/postgres-store.ts';
import { copyRows } from '../../src/projections/builds/copy-rows.ts';
import { column, type Row, type Table, text } from '../../src/projections/projection.ts';
import { BEGINS, HALL, KINDS, storyOf } from './stories.ts';
import { compiled, type Teller, type Told } from './telling.ts';

/** Slots whose events mingle in the log, as those of slots on sale at the same time do. */
const AT_ONCE = 300;
const COPIED_AT_ONCE = 10_000;
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

const EVENTS: Table<Row> = {
  name: 'events',
  comment: '',
  key: ['position'],
  columns: Object.fromEntries(
    [
      'position',
      'stream_id',
      'version',
      'schema_version',
      'recorded_at',
      'event_id',
      'type',
      'data',
      'metadata',
      'previous_hash',
      'hash',
    ].map((name) => [name, name === 'position' ? column('integer', '') : text('')]),
  ),
};

/** One slot's life on its way into the log. */
interface Life {
  readonly streamId: string;
  readonly story: readonly Teller[];
  readonly told: Told;
  version: number;
  hash: string;
}

/**
 * Writes a log of about so many bookings, the same for the same number: shows in a hall of 200 seats, bus
 * trips, fleets and small events, each told after one of a few lives that the real rules decided.
 */
export async function fillLog(
  connectionString: string,
  client: pg.Client,
  bookings: number,
): Promise<{ readonly slots: number; readonly events: number }> {
  const before = await defineHall(connectionString);
  const stories = KINDS.map((kind) => {
    const endings = ENDINGS.map((ending) => Array.from({ length: VARIANTS }, (_, seed) => storyOf(kind, ending, seed)));
    return { kind, held: heldIn(endings[0] ?? []), endings: endings.map((variants) => variants.map((facts) => facts.map(tellerOf))) };
  });
  const ofHundred = stories.flatMap((story) => Array.from({ length: story.kind.share }, () => story));
  const slots = Math.ceil((100 * bookings) / ofHundred.reduce((sum, { held }) => sum + held, 0));
  const writer = new LogWriter(client, before);
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
      streamId: `slot-${slotId}`,
      story: (endings[ending] as Teller[][])[number % VARIANTS] as readonly Teller[],
      told,
      version: 0,
      hash: CHAIN_START,
    };
  };
  const lives: Life[] = [];
  for (let next = 0; next < slots || lives.length > 0; ) {
    while (next < slots && lives.length < AT_ONCE) lives.push(begin(next++));
    for (const life of lives) writer.tell(life);
    await writer.flush(COPIED_AT_ONCE);
    for (let index = lives.length - 1; index >= 0; index -= 1)
      if (lives[index]?.version === lives[index]?.story.length) lives.splice(index, 1);
  }
  return { slots, events: await writer.end() };
}

/** Bookings of a story on average. */
function heldIn(variants: readonly (readonly SlotFact[])[]): number {
  const held = variants.map((facts) => facts.filter(({ event }) => event.type === 'SeatsHeld').length);
  return held.reduce((sum, one) => sum + one, 0) / held.length;
}

class LogWriter {
  private readonly client: pg.Client;
  private position: number;
  private recordedAt = BEGINS;
  private rows: Row[] = [];
  private heads: string[][] = [];

  constructor(client: pg.Client, position: number) {
    this.client = client;
    this.position = position;
  }

  /** The next event of the life. */
  tell(life: Life): void {
    const teller = life.story[life.version] as Teller;
    life.version += 1;
    this.position += 1;
    const { type, schemaVersion, at, data, metadata } = teller(life.told);
    this.recordedAt = Math.max(this.recordedAt, at);
    const event = { streamId: life.streamId, version: life.version, eventId: randomUUID(), type, schemaVersion, data, metadata };
    const hash = chainHash(life.hash, event);
    this.rows.push({
      position: this.position,
      stream_id: life.streamId,
      version: life.version,
      schema_version: schemaVersion,
      recorded_at: this.recordedAt,
      event_id: event.eventId,
      type,
      data,
      metadata,
      previous_hash: `\\x${life.hash}`,
      hash: `\\x${hash}`,
    });
    life.hash = hash;
    if (life.version === life.story.length) this.heads.push([life.streamId, String(life.version), `\\x${hash}`]);
  }

  /** Writes when at least so many events wait. */
  async flush(least: number): Promise<void> {
    if (this.rows.length < least) return;
    await copyRows(this.client, 'holdfast.events', EVENTS, this.rows);
    this.rows = [];
  }

  /** @returns the position of the last event. */
  async end(): Promise<number> {
    await this.flush(0);
    await this.client.query(
      `INSERT INTO holdfast.streams (stream_id, version, head_hash)
       SELECT * FROM unnest($1::text[], $2::integer[], $3::bytea[])`,
      [0, 1, 2].map((part) => this.heads.map((head) => head[part])),
    );
    await this.client.query('UPDATE holdfast.log_head SET position = $1, recorded_at = $2', [this.position, this.recordedAt]);
    return this.position;
  }
}

/** @returns how many events it took. */
async function defineHall(connectionString: string): Promise<number> {
  const { layoutId, name, units } = HALL;
  const events: LayoutEvent[] = [
    { type: 'LayoutDefined', layoutId, name, unitCount: units.length },
    { type: 'LayoutUnitsAdded', layoutId, units },
    { type: 'LayoutCompleted', layoutId },
  ];
  const store = await createPostgresEventStore({ connectionString });
  const written = events.map((event) => ({ eventId: randomUUID(), ...stored(event, BEGINS) }));
  await store.append([{ streamId: `layout-${layoutId}`, expectedVersion: 0, events: written }]);
  await store.close();
  return events.length;
}

function tellerOf({ event, at }: SlotFact): Teller {
  return compiled({ at, ...stored(event, at) });
}

function stored(event: DomainEvent, at: number) {
  const origin = { actor: 'bench', commandId: null, commandHash: null, correlationId: 'bench', causationId: null };
  return { ...encodeEvent(event), metadata: encodeMetadata({ at, ...origin }) };
}
