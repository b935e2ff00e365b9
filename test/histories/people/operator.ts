import type { ClientAnswer, ClientRequest, Json } from '../history.ts';
import { somePatch } from './patches.ts';
import { anySpan, type SlotPlan } from './slots.ts';
import type { Asker, Surroundings } from './surroundings.ts';
import { weighted } from './weighted.ts';

/** Blocks, withdraws, adds, describes anew, closes and reopens while others buy. */
export class Operator {
  private readonly world: Surroundings;
  private readonly client: Asker;
  /** What it has blocked and not put on sale again. */
  private readonly blocked: { readonly slot: SlotPlan; readonly body: Json }[] = [];
  /** What it asked for under a key. */
  private readonly asked: ClientRequest[] = [];

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

  /** Much later: repeats what it asked then, and works on. */
  async comeBack(): Promise<void> {
    for (const request of this.world.random.some(this.asked, 2)) await this.client.insist(request);
    await this.live();
  }

  private async work(slot: SlotPlan): Promise<void> {
    const { random } = this.world;
    const works: readonly (readonly [number, () => Promise<unknown>])[] = [
      [5, () => this.block(slot)],
      [4, () => this.unblock(slot)],
      [3, () => this.ask(slot, '/units/withdraw', { units: this.units(slot).units })],
      [
        2,
        () => this.ask(slot, '/units', { units: [{ unitId: random.pick([...slot.seats, 'A6']), category: 'gold', price: 500, row: 'A' }] }),
      ],
      [2, () => this.ask(slot, '/units/change', { units: [this.unitChange(slot)] })],
      [3, () => this.patch(slot)],
      [1.5, () => this.closeForAWhile(slot)],
      [0.4, () => this.ask(slot, '/cancel', {})],
    ];
    await weighted(random, works)();
  }

  private async block(slot: SlotPlan): Promise<void> {
    const body = this.units(slot);
    const answer = await this.ask(slot, '/units/block', body);
    if (answer?.status === 200) this.blocked.push({ slot, body });
  }

  /** Mostly what it has blocked, and now and then what is perhaps not blocked at all. */
  private async unblock(slot: SlotPlan): Promise<void> {
    const own = this.world.random.chance(0.8) ? this.blocked.shift() : undefined;
    await (own === undefined ? this.ask(slot, '/units/unblock', this.units(slot)) : this.ask(own.slot, '/units/unblock', own.body));
  }

  private async closeForAWhile(slot: SlotPlan): Promise<void> {
    await this.ask(slot, '/close', {});
    await this.world.pause(this.world.random.pick([0, 1_000]));
    await this.ask(slot, '/reopen', {});
  }

  /** Only who knows a version can patch. */
  private async patch(slot: SlotPlan): Promise<void> {
    const ifMatch = this.known(slot);
    if (ifMatch > 0) await this.send({ method: 'PATCH', path: `/slots/${slot.slotId}`, body: somePatch(this.world, slot), ifMatch });
  }

  private ask(slot: SlotPlan, deed: string, body: Json): Promise<ClientAnswer | null> {
    const known = this.known(slot);
    const ifMatch = known > 0 && this.world.random.chance(0.3) ? { ifMatch: known } : {};
    return this.send({ method: 'POST', path: `/slots/${slot.slotId}${deed}`, body, ...ifMatch });
  }

  private send(request: ClientRequest): Promise<ClientAnswer | null> {
    const key = this.world.random.chance(0.5) ? { key: this.client.newName('key') } : {};
    const sent = { ...request, ...key };
    if (sent.key !== undefined) this.asked.push(sent);
    return this.client.insist(sent);
  }

  /** The version that somebody was told of last; 0 when nobody was. */
  private known({ slotId }: SlotPlan): number {
    return this.world.versions.get(`slot-${slotId}`) ?? 0;
  }

  private units(slot: SlotPlan): Json {
    const { random } = this.world;
    const names = random.some([...slot.seats, ...slot.pools], random.pick([1, 1, 2]));
    const units = names.map((unitId) =>
      unitId.startsWith('Q') && random.chance(0.7) ? { unitId, quantity: random.between(1, 2) } : unitId,
    );
    const span = anySpan(random, slot, this.world.now());
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
