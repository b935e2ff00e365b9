import { expect } from 'chai';
import { Pace } from '../../../src/queries/live/pace.ts';

/** A deed that takes as long as the test says, and notes when it was done. */
function slowDeed() {
  const times: { readonly begun: number; readonly ended: number }[] = [];
  let take = (): Promise<void> => Promise.resolve();
  const deed = async (): Promise<void> => {
    const begun = performance.now();
    await take();
    times.push({ begun, ended: performance.now() });
  };
  return {
    times,
    deed,
    takes(wait: () => Promise<void>): void {
      take = wait;
    },
  };
}

/** Keeps the process busy, as writing to thousands does. */
async function workFor(milliseconds: number): Promise<void> {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

describe('a deed at a pace', () => {
  it('is done once for all who ask before it begins', async () => {
    const { deed, times } = slowDeed();
    const pace = new Pace(deed);
    const rounds = [pace.next(), pace.next()];
    pace.ask();
    await Promise.all(rounds);

    expect(times).to.have.length(1);
  });

  it('is done again for who asks while it is being done', async () => {
    const { deed, times, takes } = slowDeed();
    const pace = new Pace(deed);
    let letGo = (): void => undefined;
    const begun = new Promise<void>((resolve) => {
      takes(() => {
        resolve();
        return new Promise((done) => {
          letGo = done;
        });
      });
    });
    const first = pace.next();
    await begun;
    takes(async () => undefined);
    const second = pace.next();
    letGo();
    await first;
    expect(times).to.have.length(1);
    await second;

    expect(times).to.have.length(2);
  });

  it('rests five times as long as it took, and never less than 50 ms', async () => {
    const { deed, times, takes } = slowDeed();
    const pace = new Pace(deed);
    await pace.next();
    takes(() => workFor(20));
    await pace.next();
    await pace.next();

    const rests = times.slice(1).map(({ begun }, index) => begun - (times[index]?.ended ?? 0));
    // Timers count whole milliseconds.
    expect(rests[0]).to.be.at.least(49);
    expect(rests[1]).to.be.at.least(99);
  });

  it('is not done any more when it is stopped, and nobody waits for it', async () => {
    const { deed, times } = slowDeed();
    const pace = new Pace(deed);
    const asked = pace.next();
    pace.stop();
    await asked;
    await pace.next();
    pace.ask();
    // A round that was planned before this one would come before it.
    await new Pace(async () => undefined).next();

    expect(times).to.have.length(0);
  });
});
