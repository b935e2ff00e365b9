import type { Layout } from '../../domain/layout.ts';
import { type EventStore, MAX_READ_EVENTS, type RecordedEvent } from '../../eventstore/event-store.ts';
import { streamOfSlot } from '../../eventstore/streams.ts';
import { decodeFeed } from '../../projections/decode-feed.ts';
import { fold } from '../../projections/fold.ts';
import { layoutRowOf, layoutUnitRowOf } from '../../projections/inventory/shared-layout.ts';
import type { SlotRows } from '../../projections/inventory/slot-rows.ts';
import {
  LAYOUT_UNITS,
  LAYOUTS,
  SLOT_CLAIMS,
  SLOT_UNITS,
  SLOTS,
  type SlotClaimRow,
  type SlotRow,
  type SlotUnitRow,
} from '../../projections/inventory/tables.ts';
import type { Key, Projection, Row, Table } from '../../projections/projection.ts';
import type { TableChanges } from '../../projections/row-cache.ts';
import { unseenInStream } from '../../projections/unseen.ts';
import { type UnitInSlot, unitsInSlot } from '../slot-units.ts';
import { AnswerMemo } from './answer-memo.ts';
import { KeptUnits } from './kept-units.ts';
import type { LayoutSource, SourcedRows } from './slot-row-source.ts';

/** What rows are taken to weigh in memory, in bytes: measured on slots of 200 and of 8,564 units, rounded up. */
const SLOT_BYTES = 3_000;
const UNIT_BYTES = 700;
const CLAIM_BYTES = 300;
/** The same of units that are kept as answers need them, and of what is claimed of them: measured on shows of 200 seats. */
const KEPT_UNIT_BYTES = 220;
const KEPT_CLAIM_BYTES = 330;
/** The past of a slot over time leaves memory in pieces of an hour, so that not every event looks for it. In milliseconds. */
const PRUNE_EVERY = 3_600_000;

type KeptRows = Pick<SourcedRows, 'rows' | 'position' | 'projection'>;

/**
 * One slot in a process's memory: the rows that the inventory has of it, folded on by the inventory's
 * own definition, so that memory and PostgreSQL cannot disagree. A slot that is not there (yet) is kept
 * as well, at version 0, so that its opening is not missed.
 */
export class KeptSlot {
  readonly slotId: string;
  readonly answers = new AnswerMemo();
  /** On the `time` axis, claims that ended before are not here. Epoch milliseconds. */
  claimsFrom: number;
  private slot: SlotRow | null;
  private reached: number;
  private readonly units = new Map<string, SlotUnitRow>();
  private readonly claims = new Map<string, SlotClaimRow>();
  private readonly projection: Projection;
  private readonly layouts: LayoutSource;
  private standsOn: Layout | null = null;
  /** Null before anybody asked, and after a unit itself has changed: axis, layout and prices are a slot's from its opening on. */
  private keptUnits: KeptUnits | null = null;

  private constructor(slotId: string, { rows, position, projection }: KeptRows, claimsFrom: number, layouts: LayoutSource) {
    this.slotId = slotId;
    this.claimsFrom = claimsFrom;
    this.projection = projection;
    this.layouts = layouts;
    this.slot = rows?.slot ?? null;
    this.reached = position;
    for (const unit of rows?.units ?? []) this.units.set(unit.unitId, unit);
    for (const claim of rows?.claims ?? []) this.claims.set(claimKey(claim), claim);
  }

  /** A slot with these rows, or with none, and with the layout that it stands on. */
  static async of(slotId: string, loaded: KeptRows, claimsFrom: number, layouts: LayoutSource): Promise<KeptSlot> {
    const kept = new KeptSlot(slotId, loaded, claimsFrom, layouts);
    const layoutId = loaded.rows?.slot.layoutId ?? null;
    if (layoutId !== null) kept.standsOn = await kept.loadLayout(layoutId);
    return kept;
  }

  /** How many events of its stream are in the rows. */
  get version(): number {
    return this.slot?.version ?? 0;
  }

  /** Everything of this slot up to this log position is in the rows; it may be beyond what the feed has handed over. */
  get position(): number {
    return this.reached;
  }

  /** Null when there is no such slot. */
  get rows(): SlotRows | null {
    return this.slot === null ? null : { slot: this.slot, units: this.units.values(), claims: this.claims.values() };
  }

  get layout(): Layout | null {
    return this.standsOn;
  }

  /**
   * Its units with what is taken of them.
   *
   * @param stay whether they are kept for the next one who asks: not worth it for a slot that is gone with the answer.
   */
  unitsOf(rows: SlotRows, stay: boolean): readonly UnitInSlot[] {
    if (!stay) return unitsInSlot(rows, this.standsOn);
    this.keptUnits ??= new KeptUnits(rows, this.standsOn);
    return this.keptUnits.of(rows, this.units);
  }

  get rowCount(): number {
    return 1 + this.units.size + this.claims.size;
  }

  /** About how many bytes it takes without the layout, which others share. */
  get bytes(): number {
    const { units, claims, keptUnits } = this;
    const ofRows = SLOT_BYTES + UNIT_BYTES * units.size + CLAIM_BYTES * claims.size;
    const ofKept = keptUnits === null ? 0 : KEPT_UNIT_BYTES * keptUnits.count + KEPT_CLAIM_BYTES * claims.size;
    return ofRows + ofKept + this.answers.bytes;
  }

  /**
   * Folds in those of its stream's events that the rows do not have yet, each once, however often it is among
   * them; the first one must follow the version. Until all are folded the rows stay as they were. After an error the slot is of no use.
   *
   * @throws PoisonEventError; whatever loading a layout throws.
   */
  async apply(records: readonly RecordedEvent[]): Promise<void> {
    const fresh = unseenInStream(records, this.version);
    if (fresh.length === 0) return;
    if (this.isGapBefore(fresh)) throw new Error(`slot ${this.slotId} is at ${this.version}, and the next event at ${fresh[0]?.version}`);
    const changes = await fold(this.projection, decodeFeed(this.projection, fresh), (table, keys) => this.find(table, keys));
    const opened = changes.find(({ table }) => table.name === SLOTS.name)?.added[0] as SlotRow | undefined;
    const layout = opened === undefined || opened.layoutId === null ? this.standsOn : await this.loadLayout(opened.layoutId);
    // From here on nothing waits: who reads sees all of it or nothing.
    this.standsOn = layout;
    for (const change of changes) this.put(change);
    this.reached = (fresh.at(-1) as RecordedEvent).position;
    this.answers.clear();
  }

  /**
   * Folds in what its stream has beyond the rows.
   *
   * @throws StoreUnavailableError, and what `apply` throws.
   */
  async catchUp(store: Pick<EventStore, 'readStream'>): Promise<void> {
    for (;;) {
      const page = await store.readStream(streamOfSlot(this.slotId), this.version + 1, MAX_READ_EVENTS);
      await this.apply(page);
      if (page.length < MAX_READ_EVENTS) return;
    }
  }

  /** Whether events are missing between the rows and the first of these that is new. */
  isGapBefore(records: readonly RecordedEvent[]): boolean {
    const first = records.find((record) => record.version > this.version);
    return first !== undefined && first.version > this.version + 1;
  }

  /** Lets go of claims that ended before the instant (epoch milliseconds). */
  forgetBefore(instant: number): void {
    if (this.slot?.axis.type !== 'time' || instant < this.claimsFrom + PRUNE_EVERY) return;
    for (const [key, claim] of this.claims) if (claim.spanTo <= instant) this.claims.delete(key);
    this.claimsFrom = instant;
    this.keptUnits = null;
    this.answers.clear();
  }

  private async loadLayout(layoutId: string): Promise<Layout> {
    const layout = await this.layouts.load(layoutId);
    if (layout === null) throw new Error(`layout ${layoutId} is not there, though slot ${this.slotId} stands on it`);
    return layout;
  }

  private async find(table: Table<Row>, keys: readonly Key[]): Promise<readonly Row[]> {
    switch (table.name) {
      case SLOTS.name:
        return this.slot === null ? [] : [this.slot];
      case SLOT_UNITS.name:
        return found(keys, ([, unitId]) => this.units.get(String(unitId)));
      case SLOT_CLAIMS.name:
        return found(keys, (key) => this.claims.get(identity(key)));
      case LAYOUTS.name:
        return Promise.all(keys.map(async ([layoutId]) => layoutRowOf(await this.loadLayout(String(layoutId)))));
      case LAYOUT_UNITS.name:
        return this.findLayoutUnits(keys);
      default:
        throw new Error(`slots in memory have no rows of ${table.name}`);
    }
  }

  /** Whatever the slot stands on as yet: its opening may be among the very events that are folded. */
  private async findLayoutUnits(keys: readonly Key[]): Promise<readonly Row[]> {
    const ids = new Set(keys.map(([layoutId]) => String(layoutId)));
    const layouts = new Map(await Promise.all([...ids].map(async (layoutId) => [layoutId, await this.loadLayout(layoutId)] as const)));
    return found(keys, ([layoutId, unitId]) => layoutUnitRowOf(layouts.get(String(layoutId)) as Layout, String(unitId)));
  }

  private put({ table, added, changed, removed }: TableChanges): void {
    const saved = [...added, ...changed];
    switch (table.name) {
      case SLOTS.name:
        for (const row of saved) this.slot = row as SlotRow;
        break;
      case SLOT_UNITS.name:
        for (const row of saved) this.units.set(String(row.unitId), row as SlotUnitRow);
        for (const [, unitId] of removed) this.units.delete(String(unitId));
        this.keptUnits = null;
        break;
      case SLOT_CLAIMS.name:
        for (const row of saved) this.putClaim(row as SlotClaimRow);
        for (const key of removed) {
          this.claims.delete(identity(key));
          this.keptUnits?.claimed(String(key[1]));
        }
        break;
    }
  }

  private putClaim(row: SlotClaimRow): void {
    this.claims.set(claimKey(row), row);
    this.keptUnits?.claimed(row.unitId);
  }
}

function found(keys: readonly Key[], lookUp: (key: Key) => Row | undefined): readonly Row[] {
  return keys.map(lookUp).filter((row) => row !== undefined);
}

function claimKey({ slotId, unitId, bookingId, spanFrom }: SlotClaimRow): string {
  return identity([slotId, unitId, bookingId, spanFrom]);
}

function identity(key: Key): string {
  return JSON.stringify(key);
}
