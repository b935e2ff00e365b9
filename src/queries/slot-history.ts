import { extentAt, freeOver, statusOver } from '../domain/availability.ts';
import { NOTHING_TAKEN, tightest } from '../domain/profile.ts';
import { occupiedSpan, wholeAxis } from '../domain/resolve-span.ts';
import { decide } from '../domain/slot/decide.ts';
import type { SlotEvent } from '../domain/slot/events.ts';
import { headOf, type SlotState } from '../domain/slot/state.ts';
import { summaryOf } from '../domain/slot/summary.ts';
import { overlaps, type Span } from '../domain/span.ts';
import type { EventStore, RecordedEvent } from '../eventstore/event-store.ts';
import type { LayoutReader } from '../eventstore/layout-reader.ts';
import { ReplayTurns } from '../eventstore/replay-turns.ts';
import { decidedAt, type ReplayedSlot, replaySlot } from '../eventstore/slot-replay.ts';
import type { SeatView } from './answers.ts';
import type { AsOf, AuditEvent, SlotAsOf, SlotHistory, UnitAsOf, UnitHolder } from './audit.ts';
import { auditEvent } from './event-audit.ts';

/** Events about one unit in one answer: the newest of them, for a vehicle that is rented for years. */
const MAX_UNIT_EVENTS = 1_000;

/** So that a small slot need not wait for a large one. The command side has a turn of its own, which audits do not take from it. */
const REPLAYS_AT_ONCE = 2;

/** Slots as they were, replayed from their streams with the rules that decided them. */
export function createSlotHistory(store: EventStore, layouts: LayoutReader): SlotHistory {
  const turns = new ReplayTurns(REPLAYS_AT_ONCE);

  async function slotAsOf(slotId: string, asOf: AsOf): Promise<SlotAsOf | null> {
    const slot = await replaySlot(slotId, { store, layouts }, { take: (recorded) => isWithin(asOf, recorded) });
    if (slot.state.head === null || (asOf.kind === 'version' && slot.state.version < asOf.version)) return null;
    const { version } = slot.state;
    const instant = instantOf(asOf, slot, store.now());
    // Lapses that nobody recorded have no event: versions stay those of the log.
    const versions = new Map(Array.from(slot.state.bookings, ([bookingId, booking]) => [bookingId, booking.version]));
    applyLapses(slot.state, instant);
    return {
      summary: { ...summaryOf(slot.state, instant), version },
      units: seatViews(slot.state, instant),
      bookings: Array.from(slot.state.bookings.values(), (one) => ({ ...one, version: versions.get(one.bookingId) ?? one.version })),
      position: slot.position,
    };
  }

  async function unitAsOf(slotId: string, unitId: string, at: number | null): Promise<UnitAsOf> {
    const instant = at ?? store.now();
    const items: AuditEvent[] = [];
    let opened = false;
    let known = false;
    const slot = await replaySlot(
      slotId,
      { store, layouts },
      {
        take: (recorded) => at === null || decidedAt(recorded) <= at,
        taken: (state, recorded) => {
          opened = true;
          const had = known;
          known = known || state.units.indexOf(unitId) !== undefined;
          // Decoding every event twice would be waste: the text tells whether the unit can be meant.
          if (!known || (had && !mayTouch(recorded.type, recorded.data, unitId))) return;
          const item = auditEvent(recorded, true);
          if (!touches({ ...(item.data as object), type: item.type } as SlotEvent, unitId)) return;
          items.push(item);
          if (items.length > MAX_UNIT_EVENTS) items.shift();
        },
      },
    );
    if (!opened) return { kind: 'slot-not-found' };
    if (!known) return { kind: 'unknown-unit' };
    applyLapses(slot.state, instant);
    const place = slot.state.units.indexOf(unitId);
    const taken = (place === undefined ? undefined : slot.state.profiles.get(place)) ?? NOTHING_TAKEN;
    return { kind: 'found', holders: holdersOf(slot.state, unitId, instant), items, taken, position: slot.position };
  }

  return {
    slotAsOf: (slotId, asOf) => turns.take(() => slotAsOf(slotId, asOf)),
    unitAsOf: (slotId, unitId, at) => turns.take(() => unitAsOf(slotId, unitId, at)),
  };
}

function isWithin(asOf: AsOf, recorded: RecordedEvent): boolean {
  switch (asOf.kind) {
    case 'now':
      return true;
    case 'version':
      return recorded.version <= asOf.version;
    case 'instant':
      return decidedAt(recorded) <= asOf.at;
  }
}

function instantOf(asOf: AsOf, slot: ReplayedSlot, now: number): number {
  if (asOf.kind === 'instant') return asOf.at;
  return asOf.kind === 'version' ? slot.state.lastEventAt : now;
}

/** A hold that had run out was free then, whether or not its end was on record yet. */
function applyLapses(state: SlotState, instant: number): void {
  if (state.head === null) return;
  const command = { type: 'ReleaseExpired', limit: Number.POSITIVE_INFINITY } as const;
  decide(state, { command, now: instant, commandId: null, commandHash: null, ifMatch: null });
}

/** On `time` a unit is shown as it is at the instant, elsewhere over the whole slot. */
function spanAt(state: SlotState, instant: number): Span {
  const { axis } = headOf(state);
  return axis.type === 'time' ? { from: instant, to: instant + 1 } : wholeAxis(axis);
}

/** As the slot's seat map would have told it at the instant. */
function seatViews(state: SlotState, instant: number): readonly SeatView[] {
  const span = spanAt(state, instant);
  const extent = extentAt(headOf(state), span, instant);
  const heldUntil = holdEnds(state, span);
  const views: SeatView[] = [];
  for (const [index, unit] of state.units.units.entries()) {
    if (unit === undefined) continue;
    const profile = state.profiles.get(index);
    const price = state.units.priceAt(index) as number;
    if (unit.capacity === undefined) {
      const status = statusOver(unit, profile, span, extent);
      views.push({ unit, price, status, heldUntil: status === 'held' ? (heldUntil.get(unit.unitId) ?? null) : null, quantities: null });
      continue;
    }
    const { held, sold } = tightest(profile ?? [], span);
    const free = freeOver(unit, profile, span, extent);
    views.push({
      unit,
      price,
      status: null,
      heldUntil: null,
      quantities: { free, held, sold, blocked: Math.max(0, unit.capacity - free - held - sold) },
    });
  }
  return views;
}

/** Until when each held unit is held within the span, at the latest. */
function holdEnds(state: SlotState, span: Span): ReadonlyMap<string, number> {
  const ends = new Map<string, number>();
  for (const booking of state.bookings.values()) {
    if (booking.status !== 'HELD') continue;
    for (const claim of booking.claims) {
      if (!overlaps(occupiedSpan(headOf(state).axis, claim), span)) continue;
      ends.set(claim.unitId, Math.max(booking.expiresAt, ends.get(claim.unitId) ?? 0));
    }
  }
  return ends;
}

function holdersOf(state: SlotState, unitId: string, instant: number): readonly UnitHolder[] {
  const holders: UnitHolder[] = [];
  for (const { bookingId, customerId, status, claims } of state.bookings.values()) {
    if (status !== 'HELD' && status !== 'CONFIRMED') continue;
    for (const claim of claims) {
      if (claim.unitId !== unitId || !overlaps(claim, spanAt(state, instant))) continue;
      holders.push({ bookingId, customerId, status: status === 'HELD' ? 'held' : 'sold', quantity: claim.quantity });
    }
  }
  return holders;
}

function mayTouch(type: string, data: string, unitId: string): boolean {
  return type === 'SlotCancelled' || data.includes(JSON.stringify(unitId));
}

/** Whether the event changed what the unit is or who has it. */
function touches(event: SlotEvent, unitId: string): boolean {
  const names = (items: readonly { readonly unitId: string }[]) => items.some((item) => item.unitId === unitId);
  switch (event.type) {
    case 'SlotOpened':
    case 'SlotCancelled':
      return true;
    case 'UnitsAdded':
    case 'UnitsWithdrawn':
      return names(event.units);
    case 'UnitsChanged':
      return names(event.changes);
    case 'UnitsBlocked':
    case 'UnitsUnblocked':
      return names(event.blocks);
    case 'BookingChanged':
      return names([...event.added, ...event.dropped]);
    case 'BookingConfirmed':
      return names([...event.claims, ...event.released]);
    case 'SeatsHeld':
    case 'HoldExtended':
    case 'SeatsReleased':
    case 'BookingCancelled':
    case 'BookingExpired':
      return names(event.claims);
    case 'SlotChanged':
    case 'SlotClosed':
    case 'SlotReopened':
    case 'CommandAcknowledged':
    case 'BookingRequested':
      return false;
    default:
      event satisfies never;
      return false;
  }
}
