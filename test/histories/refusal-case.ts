import type { Asked } from './asked.ts';
import type { Json } from './history.ts';
import type { SlotAccount } from './slot-account.ts';

/** A refusal with what is needed to judge it: the slot as it was at the version that the answer names. */
export interface RefusalCase {
  readonly slot: SlotAccount;
  readonly asked: Asked;
  readonly ifMatch: number | undefined;
  /** The problem that was answered. */
  readonly problem: Json;
  /** The earliest and the latest that it can have been on the clock that decided, epoch milliseconds. */
  readonly earliest: number;
  readonly latest: number;
}

/** What is wrong with a refusal; null when it was justified, undefined when that cannot be judged from outside. */
export type Verdict = string | null | undefined;

export function unless(justified: boolean, otherwise: string): string | null {
  return justified ? null : otherwise;
}
