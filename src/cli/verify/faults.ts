/** What a fault was found by. */
export type CheckName =
  | 'positions'
  | 'digest'
  | 'versions'
  | 'hash-chain'
  | 'stream-heads'
  | 'contract'
  | 'replay'
  | 'conservation'
  | 'life-cycle'
  | 'snapshots'
  | 'views-behind'
  | 'read-models';

/** One thing that is off. */
export interface Fault {
  readonly check: CheckName;
  /** Stream and version, or table and key. */
  readonly where: string;
  readonly message: string;
}

/** Enough to see what kind of damage it is; a lost table alone would make millions. */
export const MAX_FAULTS_KEPT = 20;

/** Counts all faults and keeps the first ones. */
export class FaultList {
  readonly kept: Fault[] = [];
  count = 0;

  add(check: CheckName, where: string, message: string): void {
    this.count += 1;
    if (this.kept.length < MAX_FAULTS_KEPT) this.kept.push({ check, where, message });
  }
}
