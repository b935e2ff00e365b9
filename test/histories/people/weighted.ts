import type { Random } from '../../domain/oracle/random.ts';

/** One of several, each as often as its weight says. */
export function weighted<Item>(random: Random, items: readonly (readonly [weight: number, item: Item])[]): Item {
  let mark = random.next() * items.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, item] of items) {
    mark -= weight;
    if (mark < 0) return item;
  }
  throw new Error('the weights do not add up');
}
