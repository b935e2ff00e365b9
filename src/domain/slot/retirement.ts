import type { Retirement, SlotState } from './state.ts';

/** How long a finished booking and the keys of its commands are remembered, in milliseconds: the least that the contract promises for retries. */
export const RETIREMENT_AGE = 24 * 3_600_000;

/** So that forgetting is never felt: at most so many per event, which is still more than can be added per event. */
const FORGOTTEN_PER_EVENT = 4;

/** Lets something be forgotten once it is a day old. */
export function retireLater(state: SlotState, retirement: Retirement): void {
  state.retirements.set(state.nextRetirement, retirement);
  state.nextRetirement += 1;
}

/**
 * Forgets finished bookings and commands that are old by stream time. What is forgotten is still in
 * the log: a booking that the state does not know is looked up there before it is called unknown.
 */
export function forgetFinished(state: SlotState): void {
  for (let count = 0; count < FORGOTTEN_PER_EVENT; count += 1) {
    const oldest = state.retirements.get(state.oldestRetirement);
    if (oldest === undefined || oldest.at + RETIREMENT_AGE > state.lastEventAt) return;
    state.retirements.delete(state.oldestRetirement);
    state.oldestRetirement += 1;
    if (oldest.commandId !== null) state.commands.delete(oldest.commandId);
    if (oldest.bookingId === null) continue;
    for (let commandId = state.lastCommands.get(oldest.bookingId) ?? null; commandId !== null; ) {
      const previous: string | null = state.commands.get(commandId)?.previous ?? null;
      state.commands.delete(commandId);
      commandId = previous;
    }
    state.lastCommands.delete(oldest.bookingId);
    state.bookings.delete(oldest.bookingId);
  }
}
