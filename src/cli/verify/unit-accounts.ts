import type { Span } from '../../domain/span.ts';
import type { Unit } from '../../domain/unit.ts';
import { type AccountStep, type LedgerKind, UnitAccount } from './unit-account.ts';

/** The accounts of all units that a slot ever had. Every change answers the unit that it touched. */
export class UnitAccounts {
  private readonly accounts = new Map<string, UnitAccount>();
  private readonly broken: (message: string) => void;

  /** @param broken is told of every change that cannot be. */
  constructor(broken: (message: string) => void) {
    this.broken = broken;
  }

  open({ unitId, capacity = 1 }: Unit): string {
    const account = this.accounts.get(unitId);
    if (account === undefined) this.accounts.set(unitId, new UnitAccount(capacity));
    else account.capacity = capacity;
    return unitId;
  }

  /** @param historyEnds where what is over by then stays as it was; null where nothing is over before all is. */
  resize(unitId: string, capacity: number, historyEnds: number | null): string {
    const account = this.accountOf(unitId);
    if (capacity < account.capacity && historyEnds !== null) account.checkedFrom = historyEnds;
    account.capacity = capacity;
    return unitId;
  }

  /** Takes capacity away for good; a unit that goes as a whole takes its blocks along. */
  withdraw(unitId: string, quantity: number, historyEnds: number | null): string {
    const account = this.accountOf(unitId);
    if (quantity > account.capacity) this.broken(`${quantity} of unit ${unitId} are withdrawn, of ${account.capacity}`);
    if (quantity >= account.capacity) account.clear('blocked');
    return this.resize(unitId, Math.max(0, account.capacity - quantity), historyEnds);
  }

  move(unitId: string, span: Span, kind: LedgerKind, quantity: number): string {
    this.accountOf(unitId).add(span, kind, quantity);
    return unitId;
  }

  /** The first point at which the unit does not add up, with its capacity; null when it does everywhere. */
  firstFault(unitId: string): { readonly step: AccountStep; readonly capacity: number } | null {
    const account = this.accounts.get(unitId);
    const step = account?.firstFault() ?? null;
    return account === undefined || step === null ? null : { step, capacity: account.capacity };
  }

  /** What is taken over the axis by all units together, from `from` on. */
  usage(from: number): readonly AccountStep[] {
    const total = new UnitAccount(0);
    for (const account of this.accounts.values()) total.addAll(account);
    return total.steps(from);
  }

  /** What is off sale of a unit over the axis. */
  blocksOf(unitId: string): readonly AccountStep[] {
    return this.accounts.get(unitId)?.only('blocked').steps(Number.NEGATIVE_INFINITY) ?? [];
  }

  private accountOf(unitId: string): UnitAccount {
    let account = this.accounts.get(unitId);
    if (account === undefined) {
      this.broken(`unit ${unitId} was never part of the slot`);
      account = new UnitAccount(0);
      this.accounts.set(unitId, account);
    }
    return account;
  }
}
