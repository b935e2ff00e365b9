import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { checkHistory } from './check-history.ts';
import { bookingRequest } from './made-history.ts';
import { Recorder } from './recorder.ts';

const BOUNDS = { clientSkewMs: 0, serviceSkewMs: 0, commitMs: 0 };

describe('a recorder', () => {
  let server: Server;
  afterEach(() => server.close());

  /** What is recorded of one request to a service that answers in this way. */
  async function recordOf(answer: (response: ServerResponse) => void): Promise<Recorder> {
    server = createServer((_request, response) => answer(response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const recorder = new Recorder();
    const { port } = server.address() as AddressInfo;
    await recorder.try('zoe', `http://127.0.0.1:${port}`, bookingRequest('show.z', 'zoe', { units: ['A3'] }));
    return recorder;
  }

  it('keeps an answer that is no JSON, which the judge does not excuse', async () => {
    const { records } = await recordOf((response) => response.writeHead(500, { 'Content-Type': 'text/html' }).end('<pre>TypeError</pre>'));

    expect(records[0]!.answer).to.include({ status: 500 });
    expect(records[0]!.answer!.body).to.deep.equal({ notJson: '<pre>TypeError</pre>' });
    expect(checkHistory({ events: [], records, ...BOUNDS }).faults[0]?.what).to.include('what it was answered is no JSON');
  });

  it('takes an answer that breaks off for none', async () => {
    const { records } = await recordOf((response) => {
      response.writeHead(201, { 'Content-Length': '100' }).write('{"bookingId"');
      response.socket?.destroySoon();
    });

    expect(records[0]!.answer).to.equal(null);
    expect(checkHistory({ events: [], records, ...BOUNDS }).faults).to.deep.equal([]);
  });
});
