import type { SlotEvent } from '../../domain/slot/events.ts';
import type { Unit } from '../../domain/unit.ts';

/** A place that an event gives away though there is none left of its unit. */
export interface DoubleSale {
  readonly unitId: string;
  readonly bookingId: string;
  readonly version: number;
}

type Pieces = readonly { readonly unitId: string; readonly quantity: number }[];

/**
 * Counts, event by event, the places of a whole slot that anybody may still get as one of the best:
 * neither claimed nor off sale, and not kept for those who ask for accessible ones.
 */
export class PlaceCount {
  readonly doubleSales: DoubleSale[] = [];
  /** Free places by version of the slot; nothing is free at version 0. */
  readonly freeAt: number[] = [0];
  /** Places sold, by unit. */
  readonly sold = new Map<string, number>();
  private readonly capacities = new Map<string, number>();
  private readonly taken = new Map<string, number>();
  private free = 0;

  /** The units of the slot's layout, which no event of the slot names. */
  addUnits(units: readonly Unit[]): void {
    for (const { unitId, capacity = 1, accessible } of units) if (accessible !== true) this.resize(unitId, capacity);
  }

  /** Takes the slot's next event. */
  take(event: SlotEvent): void {
    this.apply(event, this.freeAt.length);
    this.freeAt.push(this.free);
  }

  private apply(event: SlotEvent, version: number): void {
    switch (event.type) {
      case 'SlotOpened':
      case 'UnitsAdded':
        this.addUnits(event.units);
        return;
      case 'UnitsChanged':
        for (const { unitId, capacity } of event.changes) if (this.capacities.has(unitId)) this.resize(unitId, capacity ?? 1);
        return;
      case 'UnitsWithdrawn':
        for (const { unitId, quantity } of event.units) {
          const capacity = this.capacities.get(unitId);
          if (capacity !== undefined) this.resize(unitId, capacity - quantity);
        }
        return;
      case 'UnitsBlocked':
        this.move(event.blocks, 1);
        return;
      case 'UnitsUnblocked':
        this.move(event.blocks, -1);
        return;
      case 'SeatsHeld':
        this.claim(event.claims, event.bookingId, version);
        return;
      case 'BookingChanged':
        this.move(event.dropped, -1);
        this.claim(event.added, event.bookingId, version);
        return;
      case 'BookingConfirmed':
        this.move(event.released, -1);
        this.sell(event.claims, 1);
        return;
      case 'SeatsReleased':
      case 'BookingCancelled':
        if (event.previousStatus === 'CONFIRMED') this.sell(event.claims, -1);
        this.move(event.claims, -1);
        return;
      case 'BookingExpired':
        this.move(event.claims, -1);
        return;
      default:
        return;
    }
  }

  private claim(claims: Pieces, bookingId: string, version: number): void {
    this.move(claims, 1);
    for (const { unitId } of claims) {
      const capacity = this.capacities.get(unitId);
      if (capacity !== undefined && (this.taken.get(unitId) ?? 0) > capacity) this.doubleSales.push({ unitId, bookingId, version });
    }
  }

  private sell(claims: Pieces, sign: 1 | -1): void {
    for (const { unitId, quantity } of claims) this.sold.set(unitId, (this.sold.get(unitId) ?? 0) + sign * quantity);
  }

  private move(pieces: Pieces, sign: 1 | -1): void {
    for (const { unitId, quantity } of pieces) {
      const before = this.freeOf(unitId);
      this.taken.set(unitId, (this.taken.get(unitId) ?? 0) + sign * quantity);
      this.free += this.freeOf(unitId) - before;
    }
  }

  private resize(unitId: string, capacity: number): void {
    const before = this.freeOf(unitId);
    this.capacities.set(unitId, capacity);
    this.free += this.freeOf(unitId) - before;
  }

  private freeOf(unitId: string): number {
    return Math.max(0, (this.capacities.get(unitId) ?? 0) - (this.taken.get(unitId) ?? 0));
  }
}
