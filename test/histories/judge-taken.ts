import { unitsAsked } from './asked.ts';
import { stretchToCome } from './head-account.ts';
import { offerTo, stretchOfOperator } from './offer.ts';
import type { RefusalCase, Verdict } from './refusal-case.ts';
import { claimed, total, type UnitAccount } from './unit-account.ts';

/** Whether a unit that was asked for could not be had, and what stood in its way. */
interface Obstacle {
  readonly isTaken: boolean;
  /** What may be told of it. */
  readonly statuses: readonly string[];
}

/** `seats-taken`: each unit that is named was out of reach, for the reason told, and each other one was within. */
export function takenFault(refusal: RefusalCase): Verdict {
  const { slot, problem, earliest, latest } = refusal;
  const named = (problem.unavailable ?? []) as readonly { readonly unitId: string; readonly status: string }[];
  if (named.length === 0) return 'it names no unit';
  // What is taken only falls as holds lapse: it has to be taken at the first moment that is possible, and free at the last.
  const before = slot.booked.lapsedBy(earliest, () => obstaclesOf(refusal, earliest));
  const after = slot.booked.lapsedBy(latest, () => obstaclesOf(refusal, latest));
  if (typeof before === 'string' || typeof after === 'string') return String(before);
  for (const { unitId, status } of named) {
    const obstacle = before.get(unitId);
    if (obstacle === undefined) return `${unitId} was not asked for`;
    if (!obstacle.isTaken) return `${unitId} was free`;
    if (!obstacle.statuses.includes(status)) return `${unitId} was ${obstacle.statuses.join(' or ')}, not ${status}`;
  }
  const silent = [...after].find(([unitId, { isTaken }]) => isTaken && !named.some((unit) => unit.unitId === unitId));
  return silent === undefined ? null : `${silent[0]} was not free either, and is not named`;
}

function obstaclesOf({ slot, asked }: RefusalCase, now: number): ReadonlyMap<string, Obstacle> | string {
  const { deed, body } = asked;
  if (deed === 'book' || deed === 'change') {
    const offer = offerTo(asked, slot);
    if (typeof offer === 'string') return offer;
    const { from, to } = offer.occupied;
    return obstacles(deed === 'book' ? body.units : body.add, (unit, quantity = 1) => {
      const status = unit.status(from, to);
      return { isTaken: offer.freeOf(unit) < quantity, statuses: [status === 'free' ? 'blocked' : status] };
    });
  }
  const stretch = deed === 'block' ? stretchOfOperator(slot.opened, body.span, now) : stretchToCome(slot.opened, now);
  if (typeof stretch === 'string') return `its span was ${stretch}`;
  const { from, to } = stretch;
  const inTheWay = (unit: UnitAccount, isTaken: boolean) => ({ isTaken, statuses: statusesInTheWay(unit, from, to) });
  switch (deed) {
    case 'block':
      return obstacles(body.units, (unit, quantity) =>
        inTheWay(unit, quantity === undefined ? unit.most(from, to, claimed) > 0 : unit.most(from, to) + quantity > unit.capacity),
      );
    case 'withdraw':
      return obstacles(body.units, (unit, quantity = unit.capacity) => {
        // A unit that goes as a whole takes its blocks along.
        const most = unit.most(from, to, quantity === unit.capacity ? claimed : total);
        return inTheWay(unit, most > unit.capacity - quantity);
      });
    case 'change-units': {
      const capacities = new Map(
        (body.units as readonly { unitId: string; capacity?: number }[]).map((unit) => [unit.unitId, unit.capacity]),
      );
      return obstacles([...capacities.keys()], (unit) =>
        inTheWay(unit, unit.most(from, to) > (capacities.get(unit.data.unitId) ?? Number.POSITIVE_INFINITY)),
      );
    }
    default:
      return `a request to ${deed} takes no units`;
  }

  function obstacles(
    units: unknown,
    obstacle: (unit: UnitAccount, quantity: number | undefined) => Obstacle,
  ): ReadonlyMap<string, Obstacle> {
    const found = new Map<string, Obstacle>();
    for (const { unitId, quantity } of unitsAsked(units)) {
      const unit = slot.unit(unitId);
      if (unit !== undefined) found.set(unitId, obstacle(unit, quantity));
    }
    return found;
  }
}

/** Operators are told of one of the things that are in their way, whichever it is. */
function statusesInTheWay(unit: UnitAccount, from: number, to: number): readonly string[] {
  const levels = unit.levels(from, to);
  return (['sold', 'held', 'blocked'] as const).filter((usage) => levels.some((level) => level[usage] > 0));
}
