import type { Redis } from 'ioredis';
import { LRUCache } from 'lru-cache';
import type { Layout } from '../../domain/layout.ts';
import { LAYOUT_MS, layoutKey } from '../../projections/redis/keys.ts';
import type { LayoutSource } from '../memory/slot-row-source.ts';
import type { RedisGate } from './redis-gate.ts';

/** Units of layouts that a process keeps; slots in use keep theirs alive. */
const CACHED_UNITS = 500_000;
/** A longer text is left to the log, in characters: some 80,000 units. */
const MAX_LENGTH = 8 * 1024 * 1024;

/** Layouts that all instances share in Redis, so that slots on them can be read also when the log is out of reach. */
export class RedisLayouts implements LayoutSource {
  private readonly parts: { readonly redis: Redis; readonly gate: RedisGate; readonly namespace: string; readonly next: LayoutSource };
  private readonly kept = new LRUCache<string, Layout>({ maxSize: CACHED_UNITS, sizeCalculation: ({ units }) => units.length + 1 });
  /** Beside what is kept, where those on their way in would have to make room for others, and would be given up. */
  private readonly loading = new Map<string, Promise<Layout | null>>();

  constructor(parts: RedisLayouts['parts']) {
    this.parts = parts;
  }

  /** Any number of askers share one load. */
  async load(layoutId: string): Promise<Layout | null> {
    const known = this.kept.get(layoutId) ?? this.loading.get(layoutId);
    if (known !== undefined) return known;
    const loading = this.bring(layoutId).finally(() => this.loading.delete(layoutId));
    this.loading.set(layoutId, loading);
    return loading;
  }

  private async bring(layoutId: string): Promise<Layout | null> {
    const layout = (await this.shared(layoutId)) ?? (await this.fromNext(layoutId));
    if (layout !== null) this.kept.set(layoutId, layout);
    return layout;
  }

  private async shared(layoutId: string): Promise<Layout | null> {
    const { redis, gate, namespace } = this.parts;
    try {
      const text = await gate.through(() => redis.get(layoutKey(namespace, layoutId)));
      return text === null ? null : (JSON.parse(text) as Layout);
    } catch {
      return null;
    }
  }

  private async fromNext(layoutId: string): Promise<Layout | null> {
    const { redis, gate, namespace, next } = this.parts;
    const layout = await next.load(layoutId);
    if (layout === null) return null;
    const text = JSON.stringify(layout);
    if (text.length <= MAX_LENGTH)
      await gate.through(() => redis.set(layoutKey(namespace, layoutId), text, 'PX', LAYOUT_MS)).catch(() => undefined);
    return layout;
  }
}
