import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { linesOn } from '../../src/cli/lines.ts';
import { printJson, printTable } from '../../src/cli/output.ts';
import { printable } from '../../src/cli/printable.ts';

/** A second line, a terminal told to clear itself in both of its ways, and text that is turned around. */
const FORGED = 'ill)\n   99  BookingCancelled: all of them\u001b[2J\u009b2J\u202edlos\u2028';
const SHOWN = String.raw`ill)\u000a   99  BookingCancelled: all of them\u001b[2J\u009b2J\u202edlos\u2028`;

describe('what somebody else wrote', () => {
  it('is shown with its control and formatting characters escaped, and all others as they are', () => {
    expect(printable(FORGED)).to.equal(SHOWN);
    expect(printable('\u{e0001}')).to.equal(String.raw`\udb40\udc01`);
    expect(printable('yard ×3 – “Hamlet”, 東京 🎭')).to.equal('yard ×3 – “Hamlet”, 東京 🎭');
  });

  it('stays on its line', async () => {
    const stream = new PassThrough();
    await linesOn(stream).write([`cancelled (${FORGED})`, 'the next one']);
    stream.end();
    expect(await text(stream)).to.equal(`cancelled (${SHOWN})\nthe next one\n`);
  });

  it('stays in its row of a table, and is the same in JSON', () => {
    expect(printed(() => printTable(['reason'], [[FORGED]])).split('\n')[2]).to.equal(SHOWN);
    const json = printed(() => printJson({ reason: FORGED, nested: { list: [1] } }));
    expect(json.split('\n').map(printable).join('\n'), 'nothing is left to escape').to.equal(json);
    expect(JSON.parse(json)).to.deep.equal({ reason: FORGED, nested: { list: [1] } });
  });
});

/** What is written to stdout meanwhile. */
function printed(print: () => void): string {
  const { write } = process.stdout;
  let said = '';
  process.stdout.write = (chunk: unknown) => {
    said += String(chunk);
    return true;
  };
  try {
    print();
  } finally {
    process.stdout.write = write;
  }
  return said;
}
