import { NOTHING_TAKEN, type Profile, type Usage, withUsage } from '../profile.ts';
import type { Span } from '../span.ts';
import { JournalledMap } from './journal.ts';

/** What is taken of each unit, by unit index; a unit of which nothing is taken has no entry. */
export class ProfileTable extends JournalledMap<number, Profile> {
  /**
   * Takes so much more (or, when negative, less) of a unit over the span. The journal keeps what was done instead of the profile
   * before it: that of a car park has a hundred thousand steps, and hundreds of holds may lapse before one append.
   */
  use(index: number, span: Span, usage: Usage, quantity: number): void {
    if (this.journal.isOpen) this.journal.record(new UseOfUnit(this, index, span, usage, quantity));
    this.change(index, span, usage, quantity);
  }

  /** The same without a word in the journal. */
  change(index: number, span: Span, usage: Usage, quantity: number): void {
    const profile = withUsage(this.get(index) ?? NOTHING_TAKEN, span, usage, quantity);
    this.restore(index, profile.length === 0 ? undefined : profile);
  }
}

class UseOfUnit {
  private readonly profiles: ProfileTable;
  private readonly index: number;
  private readonly span: Span;
  private readonly usage: Usage;
  private readonly quantity: number;

  constructor(profiles: ProfileTable, index: number, span: Span, usage: Usage, quantity: number) {
    this.profiles = profiles;
    this.index = index;
    this.span = span;
    this.usage = usage;
    this.quantity = quantity;
  }

  /** Profiles of equal usage are equal step by step, so that what was taken and given back leaves none. */
  undo(): void {
    this.profiles.change(this.index, this.span, this.usage, -this.quantity);
  }
}
