import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import { duration, startProgress } from '../../src/cli/output.ts';

/** Progress on a stream whose clock the test moves. */
function progressOn(stream: { isTTY?: boolean; columns?: number }, total: number | null) {
  const written = new PassThrough();
  let now = 0;
  const progress = startProgress('slots', {
    total,
    now: () => now,
    stream: Object.assign(written, stream) as unknown as NodeJS.WriteStream,
  });
  return {
    progress,
    passes(milliseconds: number) {
      now += milliseconds;
    },
    text: () => String(written.read() ?? ''),
  };
}

describe('progress without a terminal', () => {
  it('is a plain line every five seconds, with the time that is left, and one at the end', () => {
    const { progress, passes, text } = progressOn({}, 100);
    progress.update(1);
    expect(text()).to.equal('');
    passes(5_000);
    progress.update(25);
    passes(4_999);
    progress.update(50);
    expect(text()).to.equal('slots: 25 of 100 (25 %), 15.0 s left, 5.0 s\n');
    progress.update(100);
    progress.finish();
    expect(text()).to.equal('slots: 100 of 100 (100 %), 10.0 s\n');
  });

  it('tells a count where there is no end', () => {
    const { progress, passes, text } = progressOn({}, null);
    passes(5_000);
    progress.update(7, '3 refused');
    expect(text()).to.equal('slots: 7, 5.0 s, 3 refused\n');
  });
});

describe('progress on a terminal', () => {
  it('rewrites one line that fits, ten times a second at most', () => {
    const { progress, passes, text } = progressOn({ isTTY: true, columns: 24 }, 100);
    progress.update(1);
    progress.update(2);
    passes(100);
    progress.update(3, 'a note that does not fit');
    progress.finish();
    const lines = text().split('\r\u001b[2K');
    expect(lines.slice(1)).to.deep.equal(['slots: 1 of 100 (1 %), ', 'slots: 3 of 100 (3 %), ', 'slots: 3 of 100 (3 %), \n']);
  });
});

describe('a duration', () => {
  it('is told in the unit that suits it', () => {
    expect([0, 850, 12_340, 250_000].map(duration)).to.deep.equal(['0 ms', '850 ms', '12.3 s', '4 min 10 s']);
  });
});
