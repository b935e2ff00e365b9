import type { Span } from '../../domain/span.ts';

export type LedgerKind = 'held' | 'sold' | 'blocked';

interface Endpoint {
  readonly at: number;
  held: number;
  sold: number;
  blocked: number;
}

export type AccountStep = Readonly<Endpoint>;

/** What is taken of one unit, as what begins and ends at each point of the axis, in the order of the points. */
export class UnitAccount {
  capacity: number;
  /** The capacity does not hold for what had ended by then. */
  checkedFrom = Number.NEGATIVE_INFINITY;
  private endpoints: Endpoint[] = [];

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  add({ from, to }: Span, kind: LedgerKind, quantity: number): void {
    this.endpointAt(from)[kind] += quantity;
    this.endpointAt(to)[kind] -= quantity;
    this.endpoints = this.endpoints.filter(({ held, sold, blocked }) => held !== 0 || sold !== 0 || blocked !== 0);
  }

  addAll(other: UnitAccount): void {
    for (const { at, held, sold, blocked } of other.endpoints) {
      const endpoint = this.endpointAt(at);
      endpoint.held += held;
      endpoint.sold += sold;
      endpoint.blocked += blocked;
    }
  }

  clear(kind: LedgerKind): void {
    for (const endpoint of this.endpoints) endpoint[kind] = 0;
  }

  only(kind: LedgerKind): UnitAccount {
    const account = new UnitAccount(this.capacity);
    for (const endpoint of this.endpoints) account.endpointAt(endpoint.at)[kind] = endpoint[kind];
    return account;
  }

  /** The steps that differ from the one before them, from `from` on; what is in force at `from` begins there. */
  steps(from: number): readonly AccountStep[] {
    const found: AccountStep[] = [];
    let last: AccountStep = { at: from, held: 0, sold: 0, blocked: 0 };
    for (const step of this.sums()) {
      const shown = step.at < from ? { ...step, at: from } : step;
      if (found.at(-1)?.at === shown.at) found.pop();
      last = found.at(-1) ?? { at: from, held: 0, sold: 0, blocked: 0 };
      if (shown.held !== last.held || shown.sold !== last.sold || shown.blocked !== last.blocked) found.push(shown);
    }
    return found;
  }

  /** The first point at which more is taken than there is, or less than nothing. */
  firstFault(): AccountStep | null {
    const sums = this.sums();
    for (const [index, step] of sums.entries()) {
      const isOver = (sums[index + 1]?.at ?? Number.POSITIVE_INFINITY) <= this.checkedFrom;
      const isTooMuch = step.held + step.sold + step.blocked > this.capacity && !isOver;
      if (isTooMuch || step.held < 0 || step.sold < 0 || step.blocked < 0) return step;
    }
    return null;
  }

  private sums(): readonly AccountStep[] {
    let sum = { held: 0, sold: 0, blocked: 0 };
    return this.endpoints.map(({ at, held, sold, blocked }) => {
      sum = { held: sum.held + held, sold: sum.sold + sold, blocked: sum.blocked + blocked };
      return { at, ...sum };
    });
  }

  private endpointAt(at: number): Endpoint {
    let low = 0;
    let high = this.endpoints.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.endpoints[middle] as Endpoint).at < at) low = middle + 1;
      else high = middle;
    }
    const found = this.endpoints[low];
    if (found?.at === at) return found;
    const made = { at, held: 0, sold: 0, blocked: 0 };
    this.endpoints.splice(low, 0, made);
    return made;
  }
}
