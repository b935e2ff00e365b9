import type { Json } from '../history.ts';
import { anySpan, type SlotPlan } from './slots.ts';
import type { Asker, Surroundings } from './surroundings.ts';
import { weighted } from './weighted.ts';

/** Blocks, withdraws, adds, closes and reopens while others buy. */
export class Operator {
  private readonly world: Surroundings;
  private readonly client: Asker;

  constructor(world: Surroundings, client: Asker) {
    this.world = world;
    this.client = client;
  }

  async live(): Promise<void> {
    const { random, slots } = this.world;
    for (let round = random.between(2, 6); round > 0; round -= 1) {
      await this.world.pause(random.pick([0, 200, 1_500, 4_000]));
      await this.work(random.pick(slots));
    }
  }

  private async work(slot: SlotPlan): Promise<void> {
    const { random } = this.world;
    const [deed, body] = weighted<readonly [string, Json]>(random, [
      [5, ['/units/block', this.units(slot)]],
      [4, ['/units/unblock', this.units(slot)]],
      [3, ['/units/withdraw', { units: this.units(slot).units }]],
      [2, ['/units', { units: [{ unitId: random.pick([...slot.seats, 'A6']), category: 'gold', price: 500, row: 'A' }] }]],
      [2, ['/units/change', { units: [this.unitChange(slot)] }]],
      [1.5, ['/close', {}]],
      [0.4, ['/cancel', {}]],
    ]);
    await this.ask(slot, deed, body);
    if (deed !== '/close') return;
    await this.world.pause(random.pick([0, 1_000]));
    await this.ask(slot, '/reopen', {});
  }

  private async ask({ slotId }: SlotPlan, deed: string, body: Json): Promise<void> {
    const key = this.world.random.chance(0.5) ? { key: this.client.newName('key') } : {};
    await this.client.insist({ method: 'POST', path: `/slots/${slotId}${deed}`, body, ...key });
  }

  private units(slot: SlotPlan): Json {
    const { random } = this.world;
    const names = random.some([...slot.seats, ...slot.pools], random.pick([1, 1, 2]));
    const units = names.map((unitId) =>
      unitId.startsWith('Q') && random.chance(0.7) ? { unitId, quantity: random.between(1, 2) } : unitId,
    );
    const span = anySpan(random, slot);
    return { units, ...(span === undefined ? {} : { span }) };
  }

  private unitChange({ seats, pools }: SlotPlan): Json {
    const { random } = this.world;
    const unitId = random.pick([...seats, ...pools, ...pools]);
    return {
      unitId,
      ...(unitId.startsWith('Q') && random.chance(0.7) ? { capacity: random.between(1, 5) } : { price: random.between(1, 9) * 100 }),
    };
  }
}
