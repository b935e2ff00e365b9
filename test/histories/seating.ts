import type { SlotAccount } from './slot-account.ts';
import type { UnitAccount } from './unit-account.ts';

/** What a customer who lets the service choose asks for. */
export interface BestWish {
  readonly quantity: number;
  readonly category?: string | null;
  readonly adjacent?: boolean | null;
  readonly accessible?: number;
}

export type FreeOf = (unit: UnitAccount) => number;

/**
 * Units that stand side by side: numbered ones of one section and row in declared order, apart where
 * an aisle follows or a unit stood that is withdrawn. A unit without a row stands alone.
 */
export function linesOf(slot: SlotAccount): readonly (readonly UnitAccount[])[] {
  const lines: UnitAccount[][] = [];
  const open = new Map<string, UnitAccount[]>();
  for (const unit of slot.units.values()) {
    const { section, row, gapAfter } = unit.data;
    const name = row === undefined ? null : JSON.stringify([section ?? null, row]);
    const line = name === null ? undefined : open.get(name);
    const standsAlone = name === null || unit.isQuantity || unit.capacity === 0;
    if (line !== undefined && !standsAlone) line.push(unit);
    else if (unit.capacity > 0) lines.push([unit]);
    if (name === null) continue;
    if (standsAlone || gapAfter === true) open.delete(name);
    else if (line === undefined) open.set(name, lines.at(-1) as UnitAccount[]);
  }
  return lines;
}

/** How many units that suit are free: accessible ones are only for those who ask for them. */
export function supplyOf(slot: SlotAccount, { category = null }: BestWish, freeOf: FreeOf): { ordinary: number; accessible: number } {
  const supply = { ordinary: 0, accessible: 0 };
  for (const unit of slot.units.values()) {
    if (category !== null && unit.data.category !== category) continue;
    supply[unit.data.accessible === true ? 'accessible' : 'ordinary'] += freeOf(unit);
  }
  return supply;
}

/** Whether the wish can be had side by side. */
export function hasAdjacent(slot: SlotAccount, wish: BestWish, freeOf: FreeOf): boolean {
  const { quantity, category = null, accessible = 0 } = wish;
  const suits = (unit: UnitAccount) => category === null || unit.data.category === category;
  return linesOf(slot).some((line) => {
    const [first] = line;
    if (first?.isQuantity)
      return suits(first) && freeOf(first) >= quantity && accessible === (first.data.accessible === true ? quantity : 0);
    for (let start = 0; start + quantity <= line.length; start += 1) {
      const window = line.slice(start, start + quantity);
      const count = window.filter((unit) => unit.data.accessible === true).length;
      if (count === accessible && window.every((unit) => suits(unit) && freeOf(unit) > 0)) return true;
    }
    return false;
  });
}

/** Numbered units that would have no free neighbour any more, though they have one now, once these were taken. */
export function orphansOf(slot: SlotAccount, taken: ReadonlySet<string>, freeOf: FreeOf): ReadonlySet<string> {
  const orphans = new Set<string>();
  for (const line of linesOf(slot)) {
    if (line[0]?.isQuantity) continue;
    const isFree = (index: number) => line[index] !== undefined && freeOf(line[index]) > 0;
    const stays = (index: number) => isFree(index) && !taken.has(line[index]!.data.unitId);
    line.forEach(({ data }, index) => {
      const hadOne = isFree(index - 1) || isFree(index + 1);
      if (stays(index) && hadOne && !stays(index - 1) && !stays(index + 1)) orphans.add(data.unitId);
    });
  }
  return orphans;
}

/** Whether units stand side by side, as the answer to a booking tells it; one alone does. */
export function areSideBySide(slot: SlotAccount, unitIds: ReadonlySet<string>): boolean {
  if (unitIds.size <= 1) return true;
  return linesOf(slot).some((line) => {
    const first = line.findIndex(({ data }) => unitIds.has(data.unitId));
    return first >= 0 && line.slice(first, first + unitIds.size).filter(({ data }) => unitIds.has(data.unitId)).length === unitIds.size;
  });
}
