import type { Profile } from '../profile.ts';
import type { Unit } from '../unit.ts';
import { UnitTable } from '../unit-table.ts';
import type { Booking } from './booking.ts';
import { type CommandRecord, type LayoutLookup, type Retirement, type SlotHead, SlotState } from './state.ts';

/** Raised whenever what a snapshot holds changes: older ones are then ignored and the stream is read instead. */
export const SNAPSHOT_SCHEMA = 5;

/** A state in the form that it is stored in. */
export interface StoredState {
  readonly version: number;
  readonly lastEventAt: number;
  readonly shrunkAt: number;
  readonly head: SlotHead;
  readonly units: readonly (readonly [number, Unit])[];
  readonly withdrawn: readonly (readonly [number, Unit])[];
  readonly profiles: readonly (readonly [number, Profile])[];
  readonly bookings: readonly Booking[];
  readonly commands: readonly (readonly [string, CommandRecord])[];
  readonly lastCommands: readonly (readonly [string, string])[];
  readonly retirements: readonly (readonly [number, Retirement])[];
  readonly oldestRetirement: number;
  readonly nextRetirement: number;
}

/** Entries per piece: about a millisecond of writing. */
const PIECE = 250;

type Lists = Pick<StoredState, 'units' | 'withdrawn' | 'profiles' | 'bookings' | 'commands' | 'lastCommands' | 'retirements'>;

/**
 * The state as it is now as JSON text, in pieces that are written as they are taken, whatever becomes of the state
 * meanwhile; reading them back gives an equal state. Only between appends, when nothing is undecided.
 */
export function snapshotPieces(state: SlotState): Iterable<string> {
  const { version, lastEventAt, shrunkAt, head, oldestRetirement, nextRetirement } = state;
  if (head === null || state.requested !== null || state.journal.isOpen) throw new Error('a snapshot is taken of a settled, opened slot');
  // What is in them is replaced, and never changed.
  const lists: Lists = {
    units: state.units.deviations(),
    withdrawn: [...state.units.withdrawn].sort(([a], [b]) => a - b),
    profiles: [...state.profiles],
    bookings: [...state.bookings.values()],
    commands: [...state.commands],
    lastCommands: [...state.lastCommands],
    retirements: [...state.retirements],
  };
  return piecesOf({ version, lastEventAt, shrunkAt, head, oldestRetirement, nextRetirement }, lists);
}

function* piecesOf(single: Omit<StoredState, keyof Lists>, lists: Lists): Generator<string, void> {
  yield JSON.stringify(single).slice(0, -1);
  for (const [name, entries] of Object.entries<readonly unknown[]>(lists)) {
    yield `,"${name}":[`;
    for (let first = 0; first < entries.length; first += PIECE) {
      yield (first === 0 ? '' : ',') + JSON.stringify(entries.slice(first, first + PIECE)).slice(1, -1);
    }
    yield ']';
  }
  yield '}';
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
  for (const [bookingId, commandId] of stored.lastCommands) state.lastCommands.set(bookingId, commandId);
  for (const [place, retirement] of stored.retirements) state.retirements.set(place, retirement);
  return state;
}
