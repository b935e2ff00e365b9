import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { createServer } from 'node:http';
const AUTOCANNON = createRequire(import.meta.url).resolve('autocannon');
const body = Buffer.from(JSON.stringify({ a: 'x'.repeat(Number(process.argv[2] ?? 300)) })); const text = body.toString();
const headers = { 'Holdfast-Position': 'MX4xfnNsb3QtaGFtbGV0', 'Content-Type': 'application/json', 'Cache-Control': 'no-cache', 'Holdfast-Source': 'memory', ETag: '"1"', 'Content-Length': String(body.length), 'X-Content-Type-Options': 'nosniff' };
const flat = Object.entries(headers).flat();
const forms: Record<string, Parameters<typeof createServer>[1]> = {
  buffer: (_q, s) => { s.writeHead(200, headers); s.end(body); },
  string: (_q, s) => { s.writeHead(200, headers); s.end(text); },
  latin1: (_q, s) => { s.writeHead(200, headers); s.end(text, 'latin1'); },
  flatstring: (_q, s) => { s.writeHead(200, flat); s.end(text); },
  flatlatin1: (_q, s) => { s.writeHead(200, flat); s.end(text, 'latin1'); },
};
const run = async (u: string, d: string) => {
  const c0 = process.cpuUsage();
  const { stdout } = await promisify(execFile)(process.execPath, [AUTOCANNON, '--json', '-c', '32', '-d', d, u], { maxBuffer: 1e8 });
  const c = process.cpuUsage(c0); const j = JSON.parse(stdout);
  return `${Math.round(j['2xx'] / j.duration)} ${((c.user + c.system) / j['2xx']).toFixed(1)}us`;
};
const urls: [string, string][] = [];
for (const [n, f] of Object.entries(forms)) { const s = createServer(f!); await new Promise<void>((r) => s.listen(0, '127.0.0.1', r)); urls.push([n, `http://127.0.0.1:${(s.address() as { port: number }).port}/x`]); }
for (const [, u] of urls) await run(u, '1');
for (let i = 0; i < 3; i++) for (const [n, u] of urls) console.log(n, await run(u, '2'));
process.exit(0);
