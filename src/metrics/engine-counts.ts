import type { AttemptRecorder } from '../commands/attempts.ts';
import type { CommandService } from '../commands/command-service.ts';
import type { SlotCommand } from '../domain/slot/commands.ts';
import type { EventStore, NewEvent } from '../eventstore/event-store.ts';

/** What became of a command about a booking. `failed`: nobody decided it, because a part of the service did not work. */
type CommandOutcome = 'accepted' | 'replayed' | 'refused' | 'failed';

/**
 * What this process has decided and written since it started. It counts around the parts, which know
 * nothing of it; all types, codes and outcomes that can occur are written in the code.
 */
export class EngineCounts {
  /** By type: events that this process has appended. */
  readonly events = new Map<string, number>();
  /** By type and outcome. */
  readonly commands = new Map<SlotCommand['type'], Map<CommandOutcome, number>>();
  /** By code: refused bookings, and refused steps of bookings. */
  readonly refusals = new Map<string, number>();
  conflicts = 0;
  lockedAppends = 0;
  seatsLocked = 0;
  seatsExpired = 0;

  /** The same store. An append that is sent again because its outcome was unknown counts when the store has answered it. */
  around<Store extends EventStore>(store: Store): Store {
    return {
      ...store,
      append: async (parts) => {
        const result = await store.append(parts);
        if (result.kind === 'conflict') this.conflicts += 1;
        else for (const { events } of parts) this.appended(events);
        return result;
      },
      appendLocked: async (streamId, afterVersion, decide) => {
        let decided: readonly NewEvent[] = [];
        const result = await store.appendLocked(streamId, afterVersion, (tail) => {
          decided = decide(tail);
          return decided;
        });
        this.lockedAppends += 1;
        if (result.kind === 'appended') this.appended(decided);
        return result;
      },
    };
  }

  /** The same recorder. */
  aroundRecorder(recorder: AttemptRecorder): AttemptRecorder {
    return {
      record: (attempt) => {
        countIn(this.refusals, attempt.code);
        return recorder.record(attempt);
      },
    };
  }

  /** The same commands. */
  aroundCommands(commands: CommandService): CommandService {
    return {
      ...commands,
      execute: async (slotId, command, context) => {
        if (!('bookingId' in command)) return commands.execute(slotId, command, context);
        try {
          const result = await commands.execute(slotId, command, context);
          this.commanded(command.type, result.kind === 'accepted' && result.replayed ? 'replayed' : result.kind);
          if (command.type === 'RequestBooking' && result.kind === 'accepted' && !result.replayed)
            for (const { quantity } of result.booking?.claims ?? []) this.seatsLocked += quantity;
          return result;
        } catch (error) {
          this.commanded(command.type, 'failed');
          throw error;
        }
      },
    };
  }

  private appended(events: readonly NewEvent[]): void {
    for (const { type, origin } of events) {
      countIn(this.events, type);
      if (origin?.event.type === 'BookingExpired') for (const { quantity } of origin.event.claims) this.seatsExpired += quantity;
    }
  }

  private commanded(type: SlotCommand['type'], outcome: CommandOutcome): void {
    let ofType = this.commands.get(type);
    if (ofType === undefined) {
      ofType = new Map();
      this.commands.set(type, ofType);
    }
    countIn(ofType, outcome);
  }
}

function countIn<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
