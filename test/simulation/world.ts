import { Random } from '../domain/oracle/random.ts';
import type { ClientAnswer, ClientRecord, Json } from '../histories/history.ts';
import { Buyer } from '../histories/people/buyer.ts';
import { Operator } from '../histories/people/operator.ts';
import { anySpan, planSlot, type SlotPlan } from '../histories/people/slots.ts';
import { isUnsettled, type Surroundings } from '../histories/people/surroundings.ts';
import { Client } from './client.ts';
import { Database } from './database.ts';
import { Instance } from './instance.ts';
import { VirtualTime } from './virtual-time.ts';
import { Weather } from './weather.ts';

/** A day like others, and the nights in which Europe's clocks are put forward and back, an hour and a half before they are. */
const STARTS = ['2027-01-10T12:00:00Z', '2027-03-27T23:30:00Z', '2027-10-30T23:30:00Z'].map((text) => Date.parse(text));

/** Milliseconds after which some worlds go on: about as long as finished bookings and their keys are remembered. */
const A_DAY = { least: 23 * 3_600_000, most: 25 * 3_600_000 };

/** Share of worlds that do. */
const LONG_LIVED = 0.15;
/** Buyers who come back then. */
const MOST_RETURNING = 4;

/** Milliseconds after everybody has gone home by which every late write has landed. */
const CALM_MS = 30_000;

/** A few small slots, instances that crash, buyers and operators: all that happens comes from one seed. */
export class World implements Surroundings {
  readonly random: Random;
  readonly time: VirtualTime;
  readonly weather: Weather;
  readonly database: Database;
  readonly instances: readonly Instance[];
  readonly slots: readonly SlotPlan[];
  readonly records: ClientRecord[] = [];
  readonly versions = new Map<string, number>();
  readonly tally = new Map<string, number>();
  /** Milliseconds by which clocks may be off. */
  readonly clientSkewMs: number;
  readonly serviceSkewMs: number;
  /** Share of a slot's requests that come to the same instance. */
  readonly homeShare: number;
  readonly thought: number;
  /** Whether nothing ever goes wrong, so that everybody is to have an answer at the first try. */
  readonly isCalm: boolean;
  private readonly isRush: boolean;
  /** What went wrong apart from what was answered. */
  readonly faults: string[] = [];
  private ids = 0;
  private readonly lives: Promise<unknown>[] = [];

  constructor(seed: number) {
    this.random = new Random(seed);
    const { random } = this;
    this.time = new VirtualTime(random.pick(STARTS), random);
    this.weather = new Weather(random);
    this.isCalm = this.weather.isClear;
    this.database = new Database(this.time);
    this.clientSkewMs = random.pick([0, 40, 500]);
    this.isRush = random.chance(0.4);
    this.homeShare = this.isRush ? 0 : random.pick([0, 0.5, 0.95]);
    this.thought = this.isRush ? 5 : random.pick([0, 100, 2_000]);
    const tick = random.pick([1, 10, 100]);
    const skew = random.pick([0, 20, 400]);
    this.serviceSkewMs = skew + tick;
    this.instances = Array.from({ length: this.isRush ? random.between(3, 5) : random.pick([1, 2, 2, 3]) }, () =>
      this.instance(tick, skew),
    );
    this.slots = Array.from({ length: this.isRush ? 1 : random.between(1, 3) }, (_, index) =>
      planSlot(random, `slot${index}`, this.time.now),
    );
  }

  now(): number {
    return this.time.now;
  }

  pause(milliseconds: number): Promise<void> {
    return this.time.pause(milliseconds);
  }

  newId(): string {
    this.ids += 1;
    return `b${this.ids}`;
  }

  count(what: string): void {
    this.tally.set(what, (this.tally.get(what) ?? 0) + 1);
  }

  /** Something that has to come to its end. */
  begin(life: Promise<unknown>): void {
    this.lives.push(life);
  }

  async live(): Promise<void> {
    const { random, time, instances, weather } = this;
    const opening = this.openSlots();
    // Some come before there is anything to buy.
    if (random.chance(0.8)) await opening;
    else this.begin(opening);
    const buyers = Array.from({ length: this.isRush ? 14 : random.between(2, 5) }, (_, index) => this.buyer(`buyer${index + 1}`));
    const operators = random.chance(0.7) ? [new Operator(this, new Client(this, 'operator'))] : [];
    for (const buyer of buyers) this.begin(buyer.live(this.isRush ? 4 : 6));
    for (const operator of operators) this.begin(operator.live());
    await this.untilNight();
    if (random.chance(LONG_LIVED)) {
      await time.pause(random.between(A_DAY.least, A_DAY.most));
      this.count('a day later');
      for (const buyer of random.some(buyers, MOST_RETURNING)) this.begin(buyer.comeBack(2));
      for (const operator of operators) this.begin(operator.comeBack());
      await this.untilNight();
    }
    weather.clear();
    for (const instance of instances) if (!instance.isUp) instance.start();
    await time.pause(CALM_MS);
    await this.askEverybody();
  }

  private buyer(name: string): Buyer {
    return new Buyer(this, new Client(this, name));
  }

  /** Until everybody has gone home, whatever happens meanwhile. */
  private async untilNight(): Promise<void> {
    this.begin(this.releaseNowAndThen());
    if (!this.weather.isClear) this.begin(this.makeTrouble());
    for (let life = this.lives.shift(); life !== undefined; life = this.lives.shift()) await life;
  }

  private async openSlots(): Promise<void> {
    const { random, instances, time } = this;
    const owner = new Client(this, 'owner');
    for (const { opening, layout } of this.slots) {
      let body: Json = opening;
      for (let tries = 0; layout !== null && body.layoutId === undefined && tries < 20; tries += 1) {
        const layoutId = await random.pick(instances).defineLayout(layout);
        if (layoutId !== null) body = { ...opening, layoutId };
        await time.pause(100);
      }
      if (layout === null || body.layoutId !== undefined) await owner.insist({ method: 'POST', path: '/slots', body });
    }
  }

  /** When the storm is over, every instance has to serve every slot again. */
  private async askEverybody(): Promise<void> {
    const visitor = new Client(this, 'visitor');
    for (const slot of this.slots) {
      for (const instance of this.instances) {
        const reference = visitor.newName('order');
        const body = {
          customerId: 'visitor',
          reference,
          bestAvailable: { quantity: 1 },
          span: anySpan(this.random, slot, this.time.now) ?? null,
        };
        const request = { method: 'POST', path: `/slots/${slot.slotId}/bookings`, body, key: reference } as const;
        let answer: ClientAnswer | null = null;
        for (let tries = 0; tries < 2 && isUnsettled(answer); tries += 1) answer = await visitor.try(request, instance, CALM_MS);
        if (isUnsettled(answer)) this.faults.push(`an instance has not healed: ${JSON.stringify(answer)}`);
      }
    }
  }

  private async releaseNowAndThen(): Promise<void> {
    const { random, time, instances, slots } = this;
    for (let round = random.between(0, 8); round > 0; round -= 1) {
      await time.pause(random.between(200, 5_000));
      // A round that never ends holds up nobody.
      void random.pick(instances).release(random.pick(slots).slotId);
    }
  }

  private async makeTrouble(): Promise<void> {
    const { random, time, instances } = this;
    for (let round = random.between(0, 4); round > 0; round -= 1) {
      await time.pause(random.pick([5, 200, 3_000, 9_000]));
      const instance = random.pick(instances);
      if (random.chance(0.4)) {
        this.count('freeze');
        instance.freeze(random.pick([300, 2_000, 7_000]));
        continue;
      }
      if (!instance.isUp) continue;
      this.count('crash');
      instance.crash();
      await time.pause(random.pick([10, 500, 4_000]));
      instance.start();
    }
  }

  /** Clocks tell time in ticks, are off, and are put right or wrong now and then. */
  private instance(tick: number, skew: number): Instance {
    const { random, time, weather, database } = this;
    let off = random.between(-skew, skew);
    const clock = () => {
      if (random.chance(0.02)) off = random.between(-skew, skew);
      return Math.floor((time.now + off) / tick) * tick;
    };
    return new Instance({ time, random, weather, database, clock, count: (what) => this.count(what) });
  }
}
