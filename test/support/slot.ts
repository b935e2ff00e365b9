import { expect } from 'chai';
import type { Layout } from '../../src/domain/layout.ts';
import type { Booking } from '../../src/domain/slot/booking.ts';
import type { CommandEnvelope, SlotCommand } from '../../src/domain/slot/commands.ts';
import { conservationFaults } from '../../src/domain/slot/conservation.ts';
import { type Decision, decide } from '../../src/domain/slot/decide.ts';
import type { SlotEvent } from '../../src/domain/slot/events.ts';
import { evolve, type SlotFact } from '../../src/domain/slot/evolve.ts';
import type { Refusal } from '../../src/domain/slot/refusals.ts';
import { parseSnapshot, restoreState, snapshotPieces } from '../../src/domain/slot/snapshot.ts';
import { SlotState } from '../../src/domain/slot/state.ts';
import { NOW } from './slot-builders.ts';

/** Events happened at NOW; a fact says when and by which command. Lists come from builders that make several. */
export type Past = SlotEvent | SlotFact | readonly SlotEvent[];

/** A refusal by its code and whatever else of it matters. */
export type ExpectedRefusal = {
  readonly [Kind in Refusal['kind']]: { readonly kind: Kind } & Partial<Extract<Refusal, { kind: Kind }>>;
}[Refusal['kind']];

/** What an event says with when it happened, in place of NOW. */
export function at(instant: number, event: SlotEvent): SlotFact {
  return { event, at: instant, commandId: null, commandHash: null };
}

export function emptyState(layouts: readonly Layout[] = []): SlotState {
  return new SlotState('hamlet', (layoutId) => {
    const layout = layouts.find((candidate) => candidate.layoutId === layoutId);
    if (layout === undefined) throw new Error(`no layout ${layoutId}`);
    return layout;
  });
}

export function fold(facts: readonly SlotFact[], layouts: readonly Layout[] = []): SlotState {
  const state = emptyState(layouts);
  for (const fact of facts) evolve(state, fact);
  return state;
}

/** All that a state says, in a form that can be compared; maps in the order of their keys, since their own order says nothing. */
export function contentsOf(state: SlotState): unknown {
  const { version, lastEventAt, shrunkAt, head, requested, oldestRetirement, nextRetirement } = state;
  const sorted = (map: Iterable<readonly [string | number, unknown]>) =>
    [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => [key, value]);
  return {
    version,
    lastEventAt,
    shrunkAt,
    head,
    requested,
    retired: [oldestRetirement, nextRetirement],
    units: state.units.units,
    withdrawn: sorted(state.units.withdrawn),
    prices: state.units.units.map((_, index) => state.units.priceAt(index)),
    profiles: sorted(state.profiles),
    bookings: sorted(state.bookings),
    commands: sorted(state.commands),
    lastCommands: sorted(state.lastCommands),
    retirements: sorted(state.retirements),
  };
}

/** `given(events…).when(command).then(events…)`: the decider's tests in one shape. */
export function given(...past: readonly Past[]): Given {
  return givenOn([], ...past);
}

export function givenOn(layouts: readonly Layout[], ...past: readonly Past[]): Given {
  const facts = past.flat().map((item) => ('event' in item ? item : at(NOW, item)));
  return new Given(facts, layouts);
}

export class Given {
  readonly state: SlotState;
  private readonly facts: readonly SlotFact[];
  private readonly layouts: readonly Layout[];

  constructor(facts: readonly SlotFact[], layouts: readonly Layout[]) {
    this.facts = facts;
    this.layouts = layouts;
    this.state = fold(facts, layouts);
  }

  /** Decides the command on what was given, at NOW unless told otherwise. */
  when(command: SlotCommand, world: Partial<Omit<CommandEnvelope, 'command'>> = {}): Decided {
    const state = fold(this.facts, this.layouts);
    const decision = decide(state, { now: NOW, commandId: null, commandHash: null, ifMatch: null, ...world, command });
    const facts = [...this.facts, ...decision.facts];
    expect(contentsOf(state), 'the state equals its events').to.deep.equal(contentsOf(fold(facts, this.layouts)));
    expect(conservationFaults(state), 'conservation').to.deep.equal([]);
    return new Decided(facts, this.layouts, decision);
  }
}

/** A decision to be checked; or to go on from with the next command. */
export class Decided extends Given {
  readonly decision: Decision;

  constructor(facts: readonly SlotFact[], layouts: readonly Layout[], decision: Decision) {
    super(facts, layouts);
    this.decision = decision;
  }

  get events(): readonly SlotEvent[] {
    return this.decision.facts.map((fact) => fact.event);
  }

  /** Accepted, with exactly these events. */
  // biome-ignore lint/suspicious/noThenProperty: the shape is given, when, then; nothing here is awaited.
  then(...expected: readonly (SlotEvent | readonly SlotEvent[])[]): this {
    expect(this.decision.outcome).to.have.property('kind', 'accepted');
    expect(this.events).to.deep.equal(expected.flat());
    return this;
  }

  /** Refused for this reason; holds that were found to have lapsed are all that may have happened. */
  thenRefused(refusal: ExpectedRefusal, ...lapsed: readonly SlotEvent[]): this {
    const { outcome } = this.decision;
    expect(outcome).to.have.property('kind', 'refused');
    if (outcome.kind === 'refused') expect(outcome.refusal).to.deep.include(refusal);
    expect(this.events).to.deep.equal(lapsed);
    return this;
  }

  /** The same command was accepted before; its last event had this version. */
  thenReplayed(version: number, bookingId: string | null): this {
    expect(this.decision).to.deep.equal({ facts: [], outcome: { kind: 'replayed', version, bookingId } });
    return this;
  }

  /** What of the booking is as expected now. */
  andBooking(bookingId: string, expected: Partial<Booking>): this {
    expect(this.state.bookings.get(bookingId)).to.deep.include(expected);
    return this;
  }
}

/** The state as it comes back from a snapshot of it. */
export function throughSnapshot(state: SlotState): SlotState {
  return restoreState(state.slotId, parseSnapshot([...snapshotPieces(state)].join('')), state.layouts);
}
