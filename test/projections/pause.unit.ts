import { expect } from 'chai';
import { Pause } from '../../src/projections/pause.ts';

/** Longer than any test may run: who sleeps it out has failed. */
const FOR_EVER = 3_600_000;

describe('a pause', () => {
  it('ends by itself', async () => {
    expect(await new Pause().sleep(1)).to.equal(false);
  });

  it('is cut short by a wake', async () => {
    const pause = new Pause();
    const sleep = pause.sleep(FOR_EVER);
    pause.wake();
    expect(await sleep).to.equal(true);
  });

  it('is cut short by a wake that came while nobody slept, once', async () => {
    const pause = new Pause();
    pause.wake();
    pause.wake();
    expect(await pause.sleep(FOR_EVER)).to.equal(true);
    expect(await pause.sleep(1)).to.equal(false);
  });
});
