import { partAsked } from '../asked.ts';
import type { ClientAnswer, ClientRequest, Json } from '../history.ts';
import { anySpan, type SlotPlan } from './slots.ts';
import type { Asker, Surroundings } from './surroundings.ts';
import { weighted } from './weighted.ts';

/** A booking as the buyer was told of it last. */
interface Own {
  readonly bookingId: string;
  readonly payment: string;
  status: string;
  claims: readonly { readonly unitId: string; readonly quantity: number; readonly amount: number }[];
  expiresAt: number;
}

type Part = readonly (string | { readonly unitId: string; readonly quantity: number })[];

/** Milliseconds around the end of a hold at which somebody wakes up. */
const AROUND_THE_END = [-300, -30, -1, 0, 1, 5, 30, 80, 500];

/** Holds, and then pays, gives back, changes its mind or forgets. */
export class Buyer {
  private readonly world: Surroundings;
  private readonly client: Asker;
  private readonly own: Own[] = [];
  /** What it asked for under a key. */
  private readonly asked: ClientRequest[] = [];
  private lastBooking: { readonly key: string; readonly path: string } | null = null;

  constructor(world: Surroundings, client: Asker) {
    this.world = world;
    this.client = client;
  }

  async live(rounds: number): Promise<void> {
    const { random } = this.world;
    for (let round = random.between(Math.ceil(rounds / 2), rounds); round > 0; round -= 1) {
      await this.world.pause(random.between(0, this.world.thought));
      await this.book(random.pick(this.world.slots));
      for (let deed = random.between(0, 3); deed > 0 && this.own.length > 0; deed -= 1) {
        await this.world.pause(random.between(0, this.world.thought));
        await this.settle(random.chance(0.8) ? this.own.at(-1)! : random.pick(this.own));
      }
    }
  }

  /** Much later: repeats what it asked then, looks after what it had, and buys more. */
  async comeBack(rounds: number): Promise<void> {
    const { random } = this.world;
    const repeats = random.some(this.asked, rounds).map((request) => () => this.client.insist(request));
    const deeds = random.some(this.own, rounds).map((own) => () => this.settle(own));
    for (const deed of random.some([...repeats, ...deeds, () => this.live(1), () => this.live(1)], 2 * rounds + 2)) {
      await this.world.pause(random.between(0, this.world.thought));
      await deed();
    }
  }

  private async book(slot: SlotPlan): Promise<void> {
    const { random } = this.world;
    const reference = this.client.newName('order');
    const payment = `pay-${reference}`;
    const span = anySpan(random, slot, this.world.now());
    const body: Json = {
      customerId: this.client.name,
      reference,
      ...this.selection(slot),
      ...(span === undefined ? {} : { span }),
      ...(random.chance(0.08) ? { expectedTotal: random.between(1, 9) * 100 } : {}),
      ...(random.chance(0.2) ? { confirm: { paymentReference: payment } } : {}),
    };
    const path = `/slots/${slot.slotId}/bookings`;
    const reused = this.lastBooking?.path === path && random.chance(0.05) ? this.lastBooking.key : null;
    const key = reused ?? this.client.newName('key');
    this.lastBooking = { key, path };
    const known = this.world.versions.get(`slot-${slot.slotId}`);
    const ifMatch = known !== undefined && random.chance(0.06) ? { ifMatch: known } : {};
    const answer = await this.ask({ method: 'POST', path, body, key, ...ifMatch });
    if (answer !== null && answer.status < 300)
      this.own.push(this.told({ bookingId: String(answer.body.bookingId), payment } as Own, answer));
  }

  private selection(slot: SlotPlan): Json {
    const { random } = this.world;
    if (random.chance(0.5)) return { units: this.someUnits(slot, random.pick([1, 1, 2])) };
    return {
      bestAvailable: {
        quantity: random.between(1, 3),
        ...(random.chance(0.3) ? { category: random.pick(['gold', 'silver']) } : {}),
        ...(random.chance(0.4) ? { adjacent: random.pick([true, true, false]) } : {}),
        ...(random.chance(0.1) ? { accessible: 1 } : {}),
      },
    };
  }

  private someUnits(slot: SlotPlan, count: number): readonly unknown[] {
    const { random } = this.world;
    const units = random.some([...slot.seats, ...slot.pools, ...(random.chance(0.03) ? ['Z9'] : [])], count);
    return units.map((unitId) => (unitId.startsWith('Q') ? { unitId, quantity: random.between(1, 2) } : unitId));
  }

  private async settle(own: Own): Promise<void> {
    const { random } = this.world;
    if (own.status === 'HELD' && random.chance(0.25))
      await this.world.pause(own.expiresAt + random.pick(AROUND_THE_END) - this.world.now());
    const payment = random.chance(0.9) ? own.payment : this.client.newName('pay');
    const part = random.chance(0.4) ? this.somePart(own) : {};
    const [deed, body] = weighted<readonly [string, Json]>(random, [
      [8, ['confirm', { paymentReference: payment, ...part }]],
      [5, ['cancel', part]],
      [3, ['extend-hold', { seconds: random.pick([1, 3, 10, 60]) }]],
      [5, ['change', this.change(own)]],
    ]);
    const key = random.chance(0.7) ? { key: this.client.newName('key') } : {};
    const answer = await this.ask({ method: 'POST', path: `/bookings/${own.bookingId}/${deed}`, body, ...key });
    if (answer !== null && answer.status < 300) this.told(own, answer);
  }

  private ask(request: ClientRequest): Promise<ClientAnswer | null> {
    if (request.key !== undefined) this.asked.push(request);
    return this.client.insist(request);
  }

  private change(own: Own): Json {
    const { random, slots } = this.world;
    const slot = slots.find(({ slotId }) => own.bookingId.startsWith(`${slotId}.`))!;
    const drop = random.chance(0.6) ? this.somePart(own) : {};
    const add = random.chance(0.7) || drop.units === undefined ? { add: this.someUnits(slot, 1) } : {};
    const expected = random.chance(0.25) ? { expectedTotal: this.expectation(own, drop.units ?? []) } : {};
    return { ...add, ...(drop.units === undefined ? {} : { drop: drop.units }), ...expected };
  }

  /** What is left to pay, which is right when nothing is added, or something else. */
  private expectation({ claims }: Own, drop: Part): number {
    const dropped = partAsked(drop, claims);
    const price = ({ quantity, amount }: Own['claims'][number]) => amount / quantity;
    const left = claims.map(
      (claim) => claim.amount - price(claim) * (dropped.find(({ unitId }) => unitId === claim.unitId)?.quantity ?? 0),
    );
    return left.reduce((sum, amount) => sum + amount, 0) + this.world.random.pick([0, 0, 100, 500]);
  }

  private somePart({ claims }: Own): { readonly units?: Part } {
    const { random } = this.world;
    if (claims.length === 0) return {};
    const part = random.some(claims, 1);
    // By its id alone it is all that the booking has of it.
    if (random.chance(0.3)) return { units: part.map(({ unitId }) => unitId) };
    return { units: part.map(({ unitId, quantity }) => ({ unitId, quantity: random.between(1, quantity) })) };
  }

  private told(own: Own, { body }: ClientAnswer): Own {
    const { status, claims, expiresAt } = body as unknown as { status: string; claims: Own['claims']; expiresAt: string };
    return Object.assign(own, { status, claims, expiresAt: Date.parse(expiresAt) });
  }
}
