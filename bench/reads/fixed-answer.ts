import type { RequestListener } from 'node:http';
import express from 'express';
import { listen } from '../sides/crud/servers.ts';

/** A server that sends the same bytes whatever is asked, on Express or on node:http alone. It is told by ANSWER what to send. */

interface FixedAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

function inExpress({ headers, body }: FixedAnswer): RequestListener {
  const bytes = Buffer.from(body);
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.get('/api/v1/slots/:slotId/:question', (_request, response) => {
    response.writeHead(200, headers);
    response.end(bytes);
  });
  return app;
}

function onNode({ headers, body }: FixedAnswer): RequestListener {
  const bytes = Buffer.from(body);
  return (_request, response) => {
    response.writeHead(200, headers);
    response.end(bytes);
  };
}

const answer = JSON.parse(process.env.ANSWER ?? '') as FixedAnswer;
listen(process.argv[2] === 'express' ? inExpress(answer) : onNode(answer));
