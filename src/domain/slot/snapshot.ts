import type { Profile } from '../profile.ts';
import type { Unit } from '../unit.ts';
import { UnitTable } from '../unit-table.ts';
import type { Booking } from './booking.ts';
import { type CommandRecord, type LayoutLookup, type Retirement, type SlotHead, SlotState } from './state.ts';

/** Raised whenever what a snapshot holds changes: older ones are then ignored and the stream is read instead. */
export const SNAPSHOT_SCHEMA = 2;

/** A state in the form that it is stored in. */
export interface StoredState {
  readonly version: number;
  readonly lastEventAt: number;
  readonly shrunkAt: number;
  readonly head: SlotHead;
  readonly units: readonly (readonly [number, Unit | null])[];
  readonly withdrawn: readonly (readonly [string, number])[];
  readonly profiles: readonly (readonly [number, Profile])[];
  readonly bookings: readonly Booking[];
  readonly commands: readonly (readonly [string, CommandRecord])[];
  readonly commandsOfBooking: readonly (readonly [string, readonly string[]])[];
  readonly retirements: readonly (readonly [number, Retirement])[];
  readonly oldestRetirement: number;
  readonly nextRetirement: number;
}

/** Entries per piece: about a millisecond of writing. */
const PIECE = 250;

type ListName = 'units' | 'withdrawn' | 'profiles' | 'bookings' | 'commands' | 'commandsOfBooking' | 'retirements';

/**
 * The state as JSON text, in pieces; reading it back gives an equal state. Only between appends, when nothing is
 * undecided. The state must stay as it is until the last piece was taken.
 */
export function* snapshotPieces(state: SlotState): Generator<string, void> {
  const { version, lastEventAt, shrunkAt, head, oldestRetirement, nextRetirement } = state;
  if (head === null || state.requested !== null || state.journal.isOpen) throw new Error('a snapshot is taken of a settled, opened slot');
  const single: Omit<StoredState, ListName> = { version, lastEventAt, shrunkAt, head, oldestRetirement, nextRetirement };
  const lists: { readonly [Name in ListName]: Iterable<StoredState[Name][number]> } = {
    units: state.units.deviations(),
    withdrawn: state.units.withdrawn(),
    profiles: state.profiles,
    bookings: state.bookings.values(),
    commands: state.commands,
    commandsOfBooking: state.commandsOfBooking,
    retirements: state.retirements,
  };
  yield JSON.stringify(single).slice(0, -1);
  for (const [name, entries] of Object.entries<Iterable<unknown>>(lists)) {
    yield `,"${name}":[`;
    yield* entryPieces(entries);
    yield ']';
  }
  yield '}';
}

function* entryPieces(entries: Iterable<unknown>): Generator<string, void> {
  let separator = '';
  let piece: unknown[] = [];
  for (const entry of entries) {
    piece.push(entry);
    if (piece.length < PIECE) continue;
    yield separator + JSON.stringify(piece).slice(1, -1);
    separator = ',';
    piece = [];
  }
  if (piece.length > 0) yield separator + JSON.stringify(piece).slice(1, -1);
}

export function parseSnapshot(text: string): StoredState {
  return JSON.parse(text) as StoredState;
}

/** The state that was stored; the layout that it stands on (`head.layoutId`) must be there to look up. */
export function restoreState(slotId: string, stored: StoredState, layouts: LayoutLookup): SlotState {
  const state = new SlotState(slotId, layouts);
  const { version, lastEventAt, shrunkAt, head, oldestRetirement, nextRetirement } = stored;
  Object.assign(state, { version, lastEventAt, shrunkAt, head, oldestRetirement, nextRetirement });
  const layout = head.layoutId === null ? null : layouts(head.layoutId);
  state.replaceUnits(UnitTable.restored(layout, head.prices, stored.units, stored.withdrawn));
  for (const [index, profile] of stored.profiles) state.profiles.set(index, profile);
  for (const booking of stored.bookings) {
    state.bookings.set(booking.bookingId, booking);
    if (booking.status === 'HELD') state.expiries.add(booking.bookingId, booking.expiresAt);
  }
  for (const [commandId, record] of stored.commands) state.commands.set(commandId, record);
  for (const [bookingId, commandIds] of stored.commandsOfBooking) state.commandsOfBooking.set(bookingId, commandIds);
  for (const [place, retirement] of stored.retirements) state.retirements.set(place, retirement);
  return state;
}
