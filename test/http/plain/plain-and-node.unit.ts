import { expect } from 'chai';
import { PlainRequest, readPlainRequest } from '../../../src/http/plain/plain-request.ts';
import { seeded } from '../../support/random.ts';
import { HOLD, mutant, READ } from './mutants.ts';
import { NodeReader } from './read-by-node.ts';

const MUTANTS = Number(process.env.HOLDFAST_HTTP_MUTANTS ?? 10_000);
const SEED = Number(process.env.HOLDFAST_SEED ?? Date.now() % 1_000_000);
const NEXT = 'GET /next HTTP/1.1\r\nHost: next\r\n\r\n';

const asRead = ({ method, url, headers, headersDistinct, body }: PlainRequest) => ({
  method,
  url,
  headers,
  headersDistinct,
  body: body.toString('latin1'),
  isWhole: true,
  keepsConnection: true,
});

describe('what is read ahead of node:http', () => {
  const node = new NodeReader();
  const next = asRead(readPlainRequest(Buffer.from(NEXT)) as PlainRequest);

  /** @returns whether it is read here; then node:http must find the same in it, and what is sent next where it ends. */
  const isReadAlike = async (text: string): Promise<boolean> => {
    const request = readPlainRequest(Buffer.from(text, 'latin1'));
    if (!(request instanceof PlainRequest)) return false;
    const found = await node.requestsIn(Buffer.from(text + NEXT, 'latin1'));
    expect(found, JSON.stringify(text)).to.deep.equal([asRead(request), next]);
    return true;
  };

  it('is what node:http reads, whichever byte is another one', async () => {
    for (const text of [READ, HOLD]) {
      let read = 0;
      for (let at = 0; at < text.length; at += 1) {
        for (let code = 0; code < 256; code += 1) {
          if (await isReadAlike(text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1))) read += 1;
        }
      }
      expect(read / (text.length * 256)).to.be.within(0.2, 0.8);
    }
  }).timeout(60_000);

  it('is what node:http reads, whatever is changed in a request', async () => {
    let read = 0;
    for (let seed = SEED; seed < SEED + MUTANTS; seed += 1) {
      try {
        if (await isReadAlike(mutant(seeded(seed)))) read += 1;
      } catch (error) {
        throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
      }
    }
    expect(read / MUTANTS, 'so many were read at all').to.be.within(0.1, 0.6);
  }).timeout(60_000);
});
