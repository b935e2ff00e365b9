import { decodePosition } from '../../src/http/position.ts';
import type { Json } from './api.ts';
import type { StreamEvent } from './event-stream.ts';

interface Units {
  readonly version: number;
  readonly units: readonly (Json & { readonly unitId: string })[];
  readonly removed?: readonly string[];
}

/** A seat map that a client keeps by what a stream tells it. It throws at whatever a stream must never do. */
export class LiveMap {
  readonly seats = new Map<string, Json>();
  /** How often each kind of event came. */
  readonly came = new Map<string, number>();
  slot: Json | null = null;
  counts: Json | null = null;
  version = 0;
  lastEventId: string | null = null;
  byeReason: string | null = null;

  take({ event, id, data }: StreamEvent): void {
    this.came.set(event, this.timesCame(event) + 1);
    const body = JSON.parse(data) as Json & Units;
    if (this.byeReason !== null) throw new Error(`${event} came after bye`);
    if (body.version < this.version) throw new Error(`${event} goes back from version ${this.version} to ${body.version}`);
    this.version = body.version;
    if (event === 'bye') {
      this.byeReason = String(body.reason);
      if (id !== null) throw new Error('bye has an id');
      return;
    }
    this.follow(event, id);
    if (event === 'reset') this.reset(body);
    else if (event === 'units') this.change(body);
    else if (event === 'counts') this.counts = body.counts as Json;
    else if (event === 'slot') this.slot = body;
    else throw new Error(`nothing is known of events ${event}`);
  }

  timesCame(event: string): number {
    return this.came.get(event) ?? 0;
  }

  /** The units by their id, however they stand. */
  get units(): readonly Json[] {
    return [...this.seats.keys()].sort().map((unitId) => this.seats.get(unitId) as Json);
  }

  private follow(event: string, id: string | null): void {
    const place = id === null ? null : decodePosition(id);
    const before = this.lastEventId === null ? null : decodePosition(this.lastEventId);
    // Counts may come again for the same place: on the time axis they go with the clock.
    if (place === null || (id === this.lastEventId && event !== 'reset' && event !== 'counts'))
      throw new Error(`an event came with the id ${id}, after ${this.lastEventId}`);
    if (before !== null && place.position < before.position) throw new Error(`ids go back: ${place.position} after ${before.position}`);
    this.lastEventId = id;
  }

  private reset(body: Json & Units): void {
    this.seats.clear();
    for (const unit of body.units) this.seats.set(unit.unitId, unit);
    this.slot = body.slot as Json;
    this.counts = this.slot.counts as Json;
  }

  private change({ units, removed = [] }: Units): void {
    for (const unit of units) this.seats.set(unit.unitId, unit);
    for (const unitId of removed) this.seats.delete(unitId);
  }
}
