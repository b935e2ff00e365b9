import { performance } from 'node:perf_hooks';
import type { Random } from '../domain/oracle/random.ts';
import type { VirtualTime } from './virtual-time.ts';

/** A timer as Node hands it out, as far as anybody here asks of it. */
interface VirtualTimer {
  readonly cancel: () => void;
  ref(): VirtualTimer;
  unref(): VirtualTimer;
}

/**
 * Puts virtual time and seeded chance in the place of the process's own, so that the very sources that
 * serve run inside the simulation unchanged. A process that does this must do nothing else meanwhile.
 *
 * @returns the way back.
 */
export function takeOver(time: VirtualTime, random: Random): () => void {
  const timer = (milliseconds: number, run: () => void): VirtualTimer => {
    const made: VirtualTimer = { cancel: time.after(milliseconds, run), ref: () => made, unref: () => made };
    return made;
  };
  const replaced = {
    setTimeout: (run: (...given: unknown[]) => void, milliseconds = 1, ...given: unknown[]) =>
      timer(Math.max(1, Math.trunc(milliseconds)), () => run(...given)),
    setImmediate: (run: (...given: unknown[]) => void, ...given: unknown[]) => timer(0, () => run(...given)),
    clearTimeout: (given?: VirtualTimer) => given?.cancel(),
    clearImmediate: (given?: VirtualTimer) => given?.cancel(),
    setInterval: () => {
      throw new Error('nothing in the simulated world may go on for ever');
    },
  };
  const ways = [replace(globalThis, replaced), replace(Math, { random: () => random.next() }), replace(Date, { now: () => time.now })];
  ways.push(replace(performance, { now: () => time.now }));
  return () => {
    for (const restore of ways) restore();
  };
}

function replace(owner: object, replaced: object): () => void {
  const before = Object.fromEntries(Object.keys(replaced).map((name) => [name, Object.getOwnPropertyDescriptor(owner, name)]));
  for (const [name, value] of Object.entries(replaced)) Object.defineProperty(owner, name, { value, writable: true, configurable: true });
  return () => {
    for (const [name, descriptor] of Object.entries(before)) {
      if (descriptor === undefined) Reflect.deleteProperty(owner, name);
      else Object.defineProperty(owner, name, descriptor);
    }
  };
}
