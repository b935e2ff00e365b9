import { randomInt } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { ReadableBuild } from '../builds/live-builds.ts';
import type { SlotRows } from '../inventory/slot-rows.ts';
import { SLOT_CLAIMS, SLOT_UNITS, SLOTS } from '../inventory/tables.ts';
import type { Key, Projection, Row, Table } from '../projection.ts';
import type { TableChanges } from '../row-cache.ts';
import { connectAnew } from './client.ts';
import { ABSENT_MS, type InventoryKeys, inventoryKeys, REGISTRATION_MS, SLOT_MS } from './keys.ts';
import { APPLY, LOOK, MOVE, READ, REGISTER, STORE, WITHDRAW } from './scripts.ts';
import { type DecodedRows, META, SlotCodec } from './slot-codec.ts';

/** How far what Redis has of a build is fed. Rows of another epoch are not kept up by anybody. */
export interface LayerPosition {
  /** A number that no other epoch has. */
  readonly epoch: string;
  /** Everything up to this log position is in all rows of the epoch. */
  readonly position: number;
}

export type HeldSlot =
  | { readonly kind: 'absent' }
  /** Somebody is bringing it. */
  | { readonly kind: 'filling' }
  | ({
      readonly kind: 'rows';
      /** Log position up to which the rows surely have everything of this slot. */
      readonly position: number;
      /** On the `time` axis, claims that ended before need not be there. Epoch milliseconds. */
      readonly claimsFrom: number;
    } & DecodedRows);

export interface SlotToStore {
  readonly slotId: string;
  readonly epoch: string;
  /** What the registration was made with: a number that no other one has. */
  readonly token: string;
  /** 0 for a slot that is not there. */
  readonly version: number;
  readonly position: number;
  readonly claimsFrom: number;
  readonly rows: SlotRows | null;
}

export interface SlotChange {
  readonly slotId: string;
  readonly epoch: string;
  /** The rows' version before and after. */
  readonly from: number;
  readonly to: number;
  readonly position: number;
  readonly changes: readonly TableChanges[];
}

/** What the script answers. */
type FoundValues = [epoch: number | null, version: number | null, position: number | null, from: number | null, ...values: unknown[]];

/** So many reads leave together at most, so that Redis is at work on the first of a rush while the last are still coming in. */
const READS_AT_ONCE = 32;

/** Reads that were asked for in one turn of the event loop. */
interface Turn {
  /** Where the layer stood before all of them. */
  readonly layer: Promise<LayerPosition | null>;
  reads: number;
  /** Sends what was asked for so far. */
  readonly leave: () => void;
}

/** What Redis has of one build of the inventory. Every method throws what the connection throws. */
export class RedisInventory {
  readonly projection: Projection;
  private readonly redis: Redis;
  private readonly keys: InventoryKeys;
  private readonly codec: SlotCodec;
  private turn: Turn | null = null;

  constructor(redis: Redis, namespace: string, { build, projection }: Pick<ReadableBuild, 'build' | 'projection'>) {
    this.redis = redis;
    this.projection = projection;
    this.keys = inventoryKeys(namespace, build);
    this.codec = new SlotCodec(projection);
  }

  /** Another object after the connection was lost, be it for a moment: then another server may answer, which lacks what was written last. */
  get connection(): object {
    return this.redis.stream;
  }

  /** For who has waited in vain: leaves a connection that seems to be there, but answers nothing. */
  connectAnew(): void {
    connectAnew(this.redis);
  }

  /** Null while nobody feeds the build: then nothing that is found under its keys means anything. */
  async layer(): Promise<LayerPosition | null> {
    return parsed(await this.redis.get(this.keys.position));
  }

  /** One round trip. The position is read first, so that the rows are not older than it says. */
  async read(slotId: string): Promise<{ readonly layer: LayerPosition | null; readonly held: HeldSlot }> {
    const turn = this.readInTurn();
    const found = JSON.parse(`[${await READ.run(this.redis, this.keys.slot(slotId), [])}]`) as FoundValues;
    const layer = await turn.layer;
    const [epoch, version, position, from] = found;
    if (layer === null || String(epoch) !== layer.epoch) return { layer, held: { kind: 'absent' } };
    if (version === null) return { layer, held: { kind: 'filling' } };
    const rows = this.codec.rowsOf(slotId, found);
    return { layer, held: { kind: 'rows', position: Number(position), claimsFrom: Number(from), ...rows } };
  }

  /** Whether the caller is the one to bring the slot; false when somebody else does, or it is there. */
  async register(slotId: string, epoch: string, token: string): Promise<boolean> {
    return (await REGISTER.run(this.redis, this.keys.slot(slotId), [epoch, token, REGISTRATION_MS])) === 1;
  }

  /**
   * Puts the slot's rows in the place of the caller's registration.
   *
   * @returns `lost` when that is gone, and with it the word of events that came meanwhile; `behind` when
   *   such events are not in the rows. Nothing was stored then.
   */
  async store(slot: SlotToStore): Promise<'stored' | 'lost' | 'behind'> {
    const { slotId, epoch, token, version, position, claimsFrom, rows } = slot;
    const fields: (string | number)[] = [META.epoch, epoch, META.version, version, META.position, position, META.from, claimsFrom];
    if (rows !== null) {
      this.add(fields, SLOTS, [rows.slot]);
      this.add(fields, SLOT_UNITS, rows.units);
      this.add(fields, SLOT_CLAIMS, rows.claims);
    }
    const stays = rows === null ? ABSENT_MS : SLOT_MS;
    return (await STORE.run(this.redis, this.keys.slot(slotId), [token, version, stays, ...fields])) as 'stored' | 'lost' | 'behind';
  }

  async withdraw(slotId: string, token: string): Promise<void> {
    await WITHDRAW.run(this.redis, this.keys.slot(slotId), [token]);
  }

  /**
   * The version of the rows that are there; null when there are none. Who is bringing them is told that
   * they have to be of at least this version.
   */
  async look(slotId: string, epoch: string, version: number): Promise<number | null> {
    return (await LOOK.run(this.redis, this.keys.slot(slotId), [epoch, version])) as number | null;
  }

  async rows(slotId: string, table: Table<Row>, keys: readonly Key[]): Promise<readonly Row[]> {
    const found = await this.redis.hmget(this.keys.slot(slotId), ...keys.map((key) => this.codec.field(table, key)));
    return this.codec.decode(table, slotId, found.filter((text) => text !== null).join());
  }

  /** Writes what became of the rows. @returns false, and writes nothing, when they are no longer of the version. */
  async apply({ slotId, epoch, from, to, position, changes }: SlotChange): Promise<boolean> {
    const fields: (string | number)[] = [META.version, to, META.position, position];
    const removed: string[] = [];
    for (const change of changes) {
      this.add(fields, change.table, change.added);
      this.add(fields, change.table, change.changed);
      for (const key of change.removed) removed.push(this.codec.field(change.table, key));
    }
    const args = [epoch, from, SLOT_MS, fields.length / 2, ...fields, ...removed];
    return (await APPLY.run(this.redis, this.keys.slot(slotId), args)) === 1;
  }

  async drop(slotId: string): Promise<void> {
    await this.redis.unlink(this.keys.slot(slotId));
  }

  /** Moves the position if it stands where the caller thinks. @returns where it stands now. */
  async move(from: LayerPosition | null, to: LayerPosition): Promise<LayerPosition | null> {
    return parsed((await MOVE.run(this.redis, this.keys.position, [from === null ? '' : written(from), written(to)])) as string);
  }

  /**
   * Reads of one turn of the event loop share one look at the position and leave in one write: writing would
   * cost more than all else that a read does on its way to Redis.
   */
  private readInTurn(): Turn {
    if (this.turn?.reads === READS_AT_ONCE) this.turn.leave();
    const turn = this.turn ?? this.beginTurn();
    turn.reads += 1;
    return turn;
  }

  private beginTurn(): Turn {
    const { stream } = this.redis;
    stream?.cork();
    const layer = this.layer();
    // Whoever waits for it is told; this is for when none of its reads comes to wait, because all have failed.
    layer.catch(() => undefined);
    let left = false;
    const turn: Turn = {
      layer,
      reads: 0,
      leave: () => {
        if (left) return;
        left = true;
        this.turn = null;
        stream?.uncork();
      },
    };
    this.turn = turn;
    setImmediate(turn.leave);
    return turn;
  }

  private add(fields: (string | number)[], table: Pick<Table<Row>, 'name' | 'key'>, rows: Iterable<Row>): void {
    for (const row of rows) fields.push(this.codec.fieldOfRow(table, row), this.codec.encode(table, row));
  }
}

/** A number that nobody else draws; numbers need no quotes between other values. */
export function unique(): string {
  return String(randomInt(2 ** 48 - 1));
}

function written({ epoch, position }: LayerPosition): string {
  return `${epoch}/${position}`;
}

function parsed(text: string | null): LayerPosition | null {
  const [, epoch, position] = /^(\d+)\/(\d+)$/.exec(text ?? '') ?? [];
  return epoch === undefined || position === undefined ? null : { epoch, position: Number(position) };
}
