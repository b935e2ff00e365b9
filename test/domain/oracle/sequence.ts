import type { CommandEnvelope, SlotCommand } from '../../../src/domain/slot/commands.ts';
import { conservationFaults } from '../../../src/domain/slot/conservation.ts';
import { type Decision, decide } from '../../../src/domain/slot/decide.ts';
import type { SlotFact } from '../../../src/domain/slot/evolve.ts';
import type { Outcome } from '../../../src/domain/slot/refusals.ts';
import type { SlotState } from '../../../src/domain/slot/state.ts';
import { contentsOf, emptyState, fold, throughSnapshot } from '../../support/slot.ts';
import { NOW } from '../../support/slot-builders.ts';
import { isRepeatable, judgeRefusal } from './judge.ts';
import { Ledger } from './ledger.ts';
import { Random } from './random.ts';
import { type AxisType, anyCommand, anyPause, anySlot } from './scenario.ts';
import { total } from './unit-ledger.ts';

/** What a sequence came to, to see that the sequences are worth something. */
export type Tally = Map<string, number>;

/** Random commands on one random slot, each decision held against the ledger. */
export class Sequence {
  /** Every command so far, for the report of a failure. */
  readonly decided: CommandEnvelope[] = [];
  private readonly random: Random;
  private readonly axisType: AxisType;
  private readonly state: SlotState = emptyState();
  private readonly ledger = new Ledger();
  private readonly facts: SlotFact[] = [];
  private readonly tally: Tally;
  private now = NOW;
  private made = 0;

  constructor(axisType: AxisType, seed: number, tally: Tally) {
    this.random = new Random(seed);
    this.axisType = axisType;
    this.tally = tally;
  }

  run(): void {
    const { random } = this;
    this.decideAndCheck(this.envelope(anySlot(random, this.axisType)));
    for (let step = random.between(20, 40); step > 0; step -= 1) {
      if (random.chance(0.08)) this.decideTwiceOver();
      else this.decideAndCheck(this.anyEnvelope());
    }
    this.checkFoldedAnew();
  }

  private anyEnvelope(): CommandEnvelope {
    this.now += anyPause(this.random, this.axisType);
    return this.envelope(anyCommand(this.random, this.ledger, `b${this.made + 1}`));
  }

  private envelope(command: CommandEnvelope['command']): CommandEnvelope {
    this.made += 1;
    const { random, made, now } = this;
    const commandId = random.chance(0.6) ? `key-${made}` : null;
    const ifMatch = random.chance(0.05) ? this.ledger.version - random.between(0, 1) : null;
    return { command, now, commandId, commandHash: commandId === null ? null : `body-${made}`, ifMatch };
  }

  /** A batch that is taken back and decided again, as when another instance was faster by nothing that matters. */
  private decideTwiceOver(): void {
    const before = JSON.stringify(contentsOf(this.state));
    const batch = Array.from({ length: this.random.between(1, 4) }, () => this.anyEnvelope());
    this.state.begin();
    const trial = batch.map((envelope) => JSON.stringify(decide(this.state, envelope)));
    this.state.rollback();
    must(JSON.stringify(contentsOf(this.state)) === before, 'a rollback leaves something behind');
    this.state.begin();
    batch.forEach((envelope, index) => {
      const decision = this.decideAndCheck(envelope);
      must(
        JSON.stringify(decision) === trial[index],
        `a rollback changes what is decided later: ${JSON.stringify(decision)} ${trial[index]}`,
      );
    });
    this.state.commit();
  }

  private decideAndCheck(envelope: CommandEnvelope): Decision {
    this.decided.push(envelope);
    const rival = !this.state.journal.isOpen && this.random.chance(0.06) ? this.stateMadeAnew() : null;
    const decision = decide(this.state, envelope);
    if (rival !== null) must(JSON.stringify(decide(rival, envelope)) === JSON.stringify(decision), 'a state made anew decides otherwise');
    const { outcome, facts } = decision;
    for (const fact of facts) {
      this.ledger.apply(fact);
      this.facts.push(fact);
    }
    if (outcome.kind === 'refused')
      judgeRefusal(this.ledger, envelope.command, outcome.refusal, this.ledger.time < envelope.now ? envelope.now : this.ledger.time);
    this.count(`${envelope.command.type} ${outcome.kind === 'refused' ? outcome.refusal.kind : outcome.kind}`);
    this.checkLapses(envelope);
    this.checkState();
    this.checkAgain(envelope, decision);
    return decision;
  }

  /** From its events, or from a snapshot: no difference may be felt. */
  private stateMadeAnew(): SlotState {
    if (this.state.head === null || this.random.chance(0.5)) return fold(this.facts);
    return throughSnapshot(this.state);
  }

  private checkLapses({ command, now }: CommandEnvelope): void {
    if (command.type === 'ReleaseExpired') return;
    for (const [bookingId, { status, expiresAt }] of this.ledger.bookings)
      must(status !== 'HELD' || expiresAt > now, `${bookingId} should have lapsed`);
  }

  /** The state's profiles are the ledger's, at every point of every unit. */
  private checkState(): void {
    must(this.state.version === this.ledger.version, 'the versions differ');
    must(conservationFaults(this.state).length === 0, 'the state breaks conservation');
    for (const unit of this.ledger.units.values()) {
      const steps = unit.sweep();
      const profile = this.state.profiles.get(this.state.units.placeOf(unit.unitId) ?? -1) ?? [];
      const same = profile.length === steps.length && steps.every((step, index) => equal(step, profile[index]!));
      must(same, `${unit.unitId} is taken otherwise than the ledger says: ${JSON.stringify(profile)} ${JSON.stringify(steps)}`);
      if (steps.some((step) => total(step) === unit.capacity)) this.count('a unit is full');
    }
  }

  private checkAgain(envelope: CommandEnvelope, first: Decision): void {
    const { command, commandId, ifMatch } = envelope;
    const changed = first.facts.some((fact) => fact.event.type !== 'BookingExpired');
    const replays = first.outcome.kind === 'accepted' && commandId !== null && changed;
    if (first.outcome.kind === 'accepted' && !replays && (ifMatch !== null || !isRepeatable(command))) return;
    if (first.outcome.kind === 'refused' && ifMatch !== null) return;
    const { version } = this.state;
    const again = decide(this.state, envelope);
    must(again.facts.length === 0 && this.state.version === version, 'a repetition makes events');
    if (replays) must(again.outcome.kind === 'replayed' && again.outcome.version === version, 'a repetition is not known as one');
    else must(isSameAnswer(command, first.outcome, again.outcome), `a repetition is answered ${JSON.stringify(again.outcome)}`);
  }

  private checkFoldedAnew(): void {
    const contents = JSON.stringify(contentsOf(this.state));
    must(JSON.stringify(contentsOf(fold(this.facts))) === contents, 'the events make another state');
    const restored = throughSnapshot(this.state);
    must(JSON.stringify(contentsOf(restored)) === contents, 'the snapshot makes another state');
  }

  private count(what: string): void {
    this.tally.set(what, (this.tally.get(what) ?? 0) + 1);
  }
}

/** A hold that was extended to its cap may say so when it is asked again, and a payment that comes again is known. */
function isSameAnswer(command: SlotCommand, first: Outcome, again: Outcome): boolean {
  if (first.kind === 'accepted') {
    if (again.kind === 'refused') return command.type === 'ExtendHold' && again.refusal.kind === 'hold-cap-reached';
    if (again.kind !== 'accepted' || again.bookingId !== first.bookingId) return false;
    return (again.repeated === true) === (command.type === 'ConfirmBooking');
  }
  return JSON.stringify(first) === JSON.stringify(again);
}

function equal(a: { at: number; held: number; sold: number; blocked: number }, b: typeof a): boolean {
  return a.at === b.at && a.held === b.held && a.sold === b.sold && a.blocked === b.blocked;
}

function must(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}
