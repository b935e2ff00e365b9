import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Route } from './exchange.ts';
import { compilePath } from './path.ts';
import { remembered } from './remembered.ts';
import { type ServeContext, serve, splitUrl } from './serve.ts';

/** The routes that carry a rush: what everybody reads while a sale is on, and the two writes that sell. */
const HOT: readonly { readonly method: string; readonly path: string }[] = [
  { method: 'GET', path: '/api/v1/slots/{slotId}/availability' },
  { method: 'GET', path: '/api/v1/slots/{slotId}/seats' },
  { method: 'POST', path: '/api/v1/slots/{slotId}/bookings' },
  { method: 'POST', path: '/api/v1/bookings/{bookingId}/confirm' },
];

/** Answers the request and says so, or leaves it untouched. */
export type HotRoutes = (request: IncomingMessage, response: ServerResponse) => boolean;

/**
 * Answers the hot routes ahead of Express, which costs several times what their handlers do (see
 * `npm run bench -- reads`). The handlers are the very ones that Express has: whatever is not exactly a
 * hot route's method and path goes there.
 */
export function hotRoutes(routes: readonly Route[], context: ServeContext): HotRoutes {
  const hot = HOT.map(({ method, path }) => {
    const route = routes.find((one) => one.method === method && one.path === path);
    if (route === undefined) throw new Error(`there is no route ${method} ${path} to answer ahead of Express`);
    return { method, fits: compilePath(path).fits, answer: serve(route, context) };
  });
  const read = remembered((url) => {
    const address = splitUrl(url);
    return { address, fitting: hot.filter(({ fits }) => fits(address.path)) };
  });
  return (request, response) => {
    const { address, fitting } = read(request.url ?? '');
    for (const { method, answer } of fitting) {
      if (method !== request.method) continue;
      answer(request, response, address);
      return true;
    }
    return false;
  };
}
