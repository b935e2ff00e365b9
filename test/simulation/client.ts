import { placeOf } from '../histories/audit.ts';
import type { ClientAnswer, ClientRecord, ClientRequest } from '../histories/history.ts';
import { type Asker, isUnsettled } from '../histories/people/surroundings.ts';
import type { Instance } from './instance.ts';
import type { World } from './world.ts';

const MAX_TRIES = 6;

/** Whoever asks the service for something, and writes down what was asked and answered. */
export class Client implements Asker {
  readonly name: string;
  private readonly world: World;
  /** Milliseconds by which its clock is off. */
  private readonly skew: number;
  private made = 0;

  constructor(world: World, name: string) {
    this.world = world;
    this.name = name;
    this.skew = world.random.between(-world.clientSkewMs, world.clientSkewMs);
  }

  newName(what: string): string {
    this.made += 1;
    return `${what}-${this.name}-${this.made}`;
  }

  async insist(request: ClientRequest): Promise<ClientAnswer | null> {
    const { random, time } = this.world;
    // An impatient finger: the same request twice at a time.
    if (request.key !== undefined && random.chance(0.08)) this.world.begin(this.try(request, random.pick(this.world.instances)));
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const answer = await this.try(request, this.nearest(request));
      const place = placeOf(answer?.position ?? null);
      if (place?.streamId) this.world.versions.set(place.streamId, place.version ?? 0);
      if (!isUnsettled(answer)) return answer;
      if (random.chance(0.1)) return null;
      await time.pause(random.pick([0, 50, 400, 2_000]));
    }
    return null;
  }

  /** One try on one instance, as the network lets it. */
  try(request: ClientRequest, instance: Instance, patience = this.world.random.between(2_000, 8_000)): Promise<ClientAnswer | null> {
    const { time, weather, random, instances, records } = this.world;
    const startedAt = this.clock();
    return new Promise((resolve) => {
      let isOpen = true;
      const settle = (answer: ClientAnswer | null) => {
        if (!isOpen) return;
        isOpen = false;
        giveUp();
        records.push({ client: this.name, request, startedAt, endedAt: this.clock(), answer } satisfies ClientRecord);
        resolve(answer);
      };
      const giveUp = time.after(patience, () => settle(null));
      const deliver = async (to: Instance) => {
        const wasUp = to.isUp;
        const answer = wasUp ? await to.handle(request, () => this.world.newId()) : null;
        if (!wasUp) time.after(weather.latency(), () => settle(null));
        if (answer !== null && !weather.loses()) time.after(weather.latency(), () => settle(answer));
      };
      if (weather.loses()) return;
      time.after(weather.latency(), () => void deliver(instance));
      if (request.key !== undefined && weather.loses()) this.repeat(request, () => deliver(random.pick(instances)));
    });
  }

  /** Some proxy on the way sends it again, and nobody ever hears of that. */
  private repeat(request: ClientRequest, deliver: () => Promise<void>): void {
    const { time, weather, records } = this.world;
    const firstSent = time.now;
    time.after(weather.delay(), () => {
      // It sent it a first time as well: the answer that the client gets may be about this one.
      records.push({ client: 'proxy', request, startedAt: firstSent, endedAt: time.now, answer: null });
      void deliver();
    });
  }

  /** A slot's requests come to the same instance, in worlds where they do. */
  private nearest({ path }: ClientRequest): Instance {
    const { random, instances, homeShare } = this.world;
    const home = path.charCodeAt(path.indexOf('slot') + 4) % instances.length;
    return random.chance(homeShare) ? instances[home]! : random.pick(instances);
  }

  private clock(): number {
    return this.world.time.now + this.skew;
  }
}
