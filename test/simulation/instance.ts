import type { CommandService } from '../../src/commands/command-service.ts';
import { createCommandService } from '../../src/commands/service.ts';
import type { LayoutContent } from '../../src/domain/layout.ts';
import type { ClientAnswer, ClientRequest } from '../histories/history.ts';
import { Connection, type ConnectionParts } from './connection.ts';
import { serve } from './edge.ts';

/** Instances may keep so few states that they drop what they have decided on a moment ago. */
const CACHE_BYTES = [0, 15_000, 10_000_000];

/** One process of the service: the real command side on a simulated connection. */
export class Instance {
  private readonly parts: ConnectionParts;
  private readonly maxCachedBytes: number;
  private running: { readonly service: CommandService; readonly connection: Connection } | null = null;
  private frozenUntil = 0;

  constructor(parts: ConnectionParts) {
    this.parts = parts;
    this.maxCachedBytes = parts.random.pick(CACHE_BYTES);
    this.start();
  }

  get isUp(): boolean {
    return this.running !== null;
  }

  start(): void {
    const connection = new Connection(this.parts);
    const attempts = { record: () => 'an attempt' };
    this.running = { service: createCommandService({ store: connection, attempts, maxCachedBytes: this.maxCachedBytes }), connection };
  }

  /** Everything in memory is gone; nobody who waits gets an answer. */
  crash(): void {
    this.running?.connection.cut();
    this.running = null;
  }

  /** Stands still for so long, as under SIGSTOP, and goes on as if nothing had been. */
  freeze(milliseconds: number): void {
    this.frozenUntil = this.parts.time.now + milliseconds;
    this.running?.connection.freeze(this.frozenUntil);
  }

  /** The answer, if the instance lives to give it. */
  async handle(request: ClientRequest, makeId: () => string): Promise<ClientAnswer | null> {
    await this.awake();
    const { running } = this;
    if (running === null) return null;
    const answer = await serve(running.service, request, makeId);
    await this.awake();
    return this.running === running ? answer : null;
  }

  /** What the processes beside the HTTP edge do: record what lapsed, and what a cancelled slot cancels. */
  async release(slotId: string): Promise<void> {
    const context = { commandId: null, commandHash: null, ifMatch: null, actor: 'release-process', correlationId: 'release' };
    for (const type of ['ReleaseExpired', 'ReleaseCancelled'] as const) {
      await this.running?.service.execute(slotId, { type, limit: 2 }, context).catch(() => undefined);
    }
  }

  /** The layout's id, once it is stored; null when that did not come about. */
  async defineLayout(content: LayoutContent): Promise<string | null> {
    const context = { commandId: null, commandHash: null, ifMatch: null, actor: 'owner', correlationId: 'simulated' };
    const patience = this.parts.time.pause(3_000).then(() => null);
    const defined = this.running?.service.defineLayout(content, context).then(({ layoutId }) => layoutId);
    return Promise.race([patience, (defined ?? patience).catch(() => null)]);
  }

  private async awake(): Promise<void> {
    while (this.frozenUntil > this.parts.time.now) await this.parts.time.pause(this.frozenUntil - this.parts.time.now);
  }
}
