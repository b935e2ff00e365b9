import { expect } from 'chai';
import type { OpenSlot, SlotCommand } from '../../src/domain/slot/commands.ts';
import { decide } from '../../src/domain/slot/decide.ts';
import type { Refusal } from '../../src/domain/slot/refusals.ts';
import { SlotState } from '../../src/domain/slot/state.ts';
import type { EventStore } from '../../src/eventstore/event-store.ts';
import { LayoutReader } from '../../src/eventstore/layout-reader.ts';
import { streamOfSlot } from '../../src/eventstore/streams.ts';
import { append } from './read-side.ts';

/** A slot whose events are decided by the real rules at instants of the test's choice, and appended at once. */
export class DecidedSlot {
  private readonly store: EventStore;
  private readonly layouts: LayoutReader;
  private readonly state: SlotState;

  private constructor(store: EventStore, layouts: LayoutReader, slotId: string) {
    this.store = store;
    this.layouts = layouts;
    this.state = new SlotState(slotId, layouts.lookUp);
  }

  static async open(store: EventStore, command: OpenSlot, now: number): Promise<DecidedSlot> {
    const slot = new DecidedSlot(store, new LayoutReader(store), command.slotId);
    if (command.layoutId !== null) await slot.layouts.load(command.layoutId);
    await slot.at(now, command);
    return slot;
  }

  /** Decides the commands at the instant (epoch milliseconds); all of them must be accepted. */
  async at(now: number, ...commands: readonly SlotCommand[]): Promise<this> {
    for (const command of commands) expect(await this.ask(now, command), command.type).to.equal(null);
    return this;
  }

  /** Decides the command and answers why it was refused, or null. */
  async ask(now: number, command: SlotCommand): Promise<Refusal | null> {
    const { facts, outcome } = decide(this.state, { command, now, commandId: null, commandHash: null, ifMatch: null });
    if (facts.length > 0) await append(this.store, streamOfSlot(this.state.slotId), facts);
    return outcome.kind === 'refused' ? outcome.refusal : null;
  }
}
