import type { Booking } from '../../domain/slot/booking.ts';
import { conservationFaults } from '../../domain/slot/conservation.ts';
import type { SlotEvent } from '../../domain/slot/events.ts';
import { evolve } from '../../domain/slot/evolve.ts';
import { SlotState } from '../../domain/slot/state.ts';
import { EventsDetachedError, type RecordedEvent } from '../../eventstore/event-store.ts';
import { type LayoutReader, UnreadableLayoutError } from '../../eventstore/layout-reader.ts';
import { BOOKED_SLOTS, BOOKINGS } from '../../projections/bookings/tables.ts';
import { SLOT_CLAIMS, SLOT_UNITS, SLOTS } from '../../projections/inventory/tables.ts';
import type { Row, Table } from '../../projections/projection.ts';
import { placeOf } from './chain-check.ts';
import { compareRows, type ExpectedRow, keyText } from './compare-rows.ts';
import { bookedSlotRow, bookingRow, requestedRow, withSortedUnitIds } from './expected-bookings.ts';
import { compareSales, salesOf } from './expected-sales.ts';
import { claimRows, slotRow } from './expected-slot.ts';
import { UnitOrigins } from './expected-units.ts';
import type { FaultList } from './faults.ts';
import { SlotLedger } from './slot-ledger.ts';
import { type StoredSnapshot, snapshotFault } from './snapshot-check.ts';
import type { ReadEvent } from './stored-contract.ts';
import type { StreamCheck, StreamCounts } from './stream-check.ts';
import type { ViewRows } from './view-rows.ts';

/** Units that the state's own check may look at for each event, on average. */
const UNITS_PER_EVENT = 64;

/**
 * One slot, replayed by the rules of the domain and, beside it, by the ledger. The read models are
 * compared at the very event up to which they have folded the log.
 */
export class SlotCheck implements StreamCheck {
  private readonly slotId: string;
  private readonly parts: {
    readonly layouts: LayoutReader;
    readonly views: ViewRows;
    /** Null when the slot has none. */
    readonly snapshot: StoredSnapshot | null;
    readonly faults: FaultList;
    readonly counts: StreamCounts;
  };
  private readonly state: SlotState;
  private readonly ledger: SlotLedger;
  private readonly origins = new UnitOrigins();
  /** Bookings that have ended: the state may forget them a day later. */
  private readonly finished = new Map<string, Booking>();
  private readonly suspects = new Set<string>();
  private readonly compared = { inventory: false, bookings: false, sales: false };
  /** A stream that cannot be replayed says nothing about its views. */
  private broken = false;

  constructor(slotId: string, parts: SlotCheck['parts']) {
    this.slotId = slotId;
    this.parts = parts;
    this.state = new SlotState(slotId, parts.layouts.lookUp);
    this.ledger = new SlotLedger((layoutId) => parts.layouts.lookUp(layoutId).units);
  }

  async take(recorded: RecordedEvent, read: ReadEvent): Promise<void> {
    if (this.broken) return;
    if (read.kind === 'unreadable') {
      this.broken = true;
      return;
    }
    const { inventory, bookings, sales } = this.parts.views.positions;
    if (recorded.position > inventory) await this.compareInventory();
    if (recorded.position > bookings) await this.compareBookings();
    if (recorded.position > sales) await this.compareSales();
    const event = read.event as SlotEvent;
    if (event.type === 'SlotOpened' && event.layoutId !== null) await this.loadLayout(event.layoutId, placeOf(recorded));
    if (!this.broken) this.replay(recorded, event, read.metadata);
    if (!this.broken) await this.compareSnapshot(recorded);
  }

  async finish(): Promise<void> {
    if (!this.broken) this.checkState(`slot-${this.slotId} version ${this.state.version}`);
    await this.compareInventory();
    await this.compareBookings();
    await this.compareSales();
    this.parts.counts.bookings += this.finished.size;
    for (const { status } of this.state.bookings.values()) if (!isFinished(status)) this.parts.counts.bookings += 1;
  }

  /** Without its layout the slot cannot be replayed, which is a fault of it as well as of the layout's own stream. */
  private async loadLayout(layoutId: string, where: string): Promise<void> {
    try {
      await this.parts.layouts.load(layoutId);
    } catch (error) {
      if (!(error instanceof UnreadableLayoutError || error instanceof EventsDetachedError)) throw error;
      this.broken = true;
      this.parts.faults.add('replay', where, `stands on a layout that cannot be read: ${error.message}`);
    }
  }

  private replay(
    recorded: RecordedEvent,
    event: SlotEvent,
    metadata: { at: number; commandId: string | null; commandHash: string | null },
  ): void {
    const { faults } = this.parts;
    const where = placeOf(recorded);
    try {
      for (const { rule, message } of this.ledger.take(event, metadata.at)) faults.add(rule, where, message);
      evolve(this.state, { event, ...metadata });
      this.origins.take(event, recorded.version);
    } catch (error) {
      this.broken = true;
      faults.add('replay', where, `cannot follow what is before it: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    if (this.state.version % this.eventsPerStateCheck() === 0) this.checkState(where);
    const booking = 'bookingId' in event ? this.state.bookings.get(event.bookingId) : undefined;
    if (booking !== undefined && isFinished(booking.status)) this.finished.set(booking.bookingId, booking);
  }

  /** The ledger looks at every event; the state's own view of all units would take hours for a stadium, so it comes less often there. */
  private eventsPerStateCheck(): number {
    return Math.ceil((this.state.profiles.size + 1) / UNITS_PER_EVENT);
  }

  /** What the state itself says of its units. */
  private checkState(where: string): void {
    for (const { unitId, at, held, sold, blocked, capacity } of conservationFaults(this.state)) {
      if (this.suspects.has(unitId)) continue;
      this.suspects.add(unitId);
      const sum = `held ${held} + sold ${sold} + blocked ${blocked} of ${capacity}`;
      this.parts.faults.add('conservation', where, `by the slot's own state unit ${unitId} does not add up at ${at}: ${sum}`);
    }
  }

  /** One that is of another history, as after the log was restored to an earlier point, is passed over here as it is by services. */
  private async compareSnapshot({ version, hash, streamId }: RecordedEvent): Promise<void> {
    const { snapshot, counts, faults } = this.parts;
    if (snapshot?.version !== version || snapshot.hash !== hash) return;
    counts.snapshots += 1;
    const fault = await snapshotFault(this.state, snapshot);
    if (fault !== null) faults.add('snapshots', `${streamId} version ${version}`, `its snapshot ${fault}`);
  }

  private async compareInventory(): Promise<void> {
    if (this.compared.inventory) return;
    this.compared.inventory = true;
    const { slots, slotUnits, slotClaims } = this.parts.views;
    const [actual] = await slots.take(this.slotId);
    const units = await slotUnits.take(this.slotId);
    const claims = await slotClaims.take(this.slotId);
    if (this.broken) return;
    const isThere = this.state.head !== null;
    const usageFrom = typeof actual?.usageFrom === 'number' ? actual.usageFrom : Number.NEGATIVE_INFINITY;
    this.compare(SLOTS, isThere ? [slotRow(this.state, this.ledger.usage(usageFrom))] : [], actual === undefined ? [] : [actual]);
    this.compare(
      SLOT_UNITS,
      this.origins.rows(this.state, (unitId) => this.ledger.blocksOf(unitId)),
      units,
    );
    this.compare(SLOT_CLAIMS, claimRows(this.state), claims);
  }

  private async compareBookings(): Promise<void> {
    if (this.compared.bookings) return;
    this.compared.bookings = true;
    const { bookings, bookedSlots } = this.parts.views;
    const actual = await bookings.take(this.slotId);
    const booked = await bookedSlots.take(this.slotId);
    if (this.broken) return;
    this.compare(BOOKINGS, [...this.allBookings().map(bookingRow), ...requestedRow(this.state)], actual.map(withSortedUnitIds));
    this.compare(BOOKED_SLOTS, this.state.head === null ? [] : [bookedSlotRow(this.state)], booked);
  }

  private async compareSales(): Promise<void> {
    if (this.compared.sales) return;
    this.compared.sales = true;
    const [sums] = await this.parts.views.dailySales.take(this.slotId);
    if (!this.broken) compareSales(this.slotId, salesOf(this.allBookings()), sums, this.parts.faults);
  }

  private allBookings(): readonly Booking[] {
    return [...new Map([...this.finished, ...this.state.bookings]).values()];
  }

  private compare(table: Table<Row>, expected: readonly ExpectedRow[], actual: readonly Row[]): void {
    const byKey = new Map(expected.map((row) => [keyText(table, row), row]));
    this.parts.counts.rows += compareRows({ table, expected: byKey, actual }, this.parts.faults);
  }
}

function isFinished(status: Booking['status']): boolean {
  return status === 'EXPIRED' || status === 'CANCELLED';
}
