import type { HttpRequest, HttpResponse, Route } from './exchange.ts';
import { compilePath } from './path.ts';
import { remembered } from './remembered.ts';
import { type ServeContext, serve, splitUrl } from './serve.ts';

/** The routes that carry a rush: what customers read and do while a sale is on. Operators and auditors come by Express. */
const HOT: readonly (readonly [method: Route['method'], path: string])[] = [
  ['GET', '/api/v1/slots/{slotId}/availability'],
  ['GET', '/api/v1/slots/{slotId}/seats'],
  ['POST', '/api/v1/slots/{slotId}/bookings'],
  ['POST', '/api/v1/bookings/{bookingId}/confirm'],
  ['GET', '/api/v1/slots'],
  ['GET', '/api/v1/slots/{slotId}'],
  ['GET', '/api/v1/layouts/{layoutId}'],
  ['GET', '/api/v1/bookings/{bookingId}'],
  ['GET', '/api/v1/customers/{customerId}/bookings'],
  ['POST', '/api/v1/bookings/{bookingId}/cancel'],
  ['POST', '/api/v1/bookings/{bookingId}/extend-hold'],
  ['POST', '/api/v1/bookings/{bookingId}/change'],
];

export interface HotRoutes {
  /** Whether there is a hot route for such a request. */
  isHot(method: string, url: string): boolean;
  /** Answers the request and says so, or leaves it untouched. */
  isAnswered(request: HttpRequest, response: HttpResponse): boolean;
}

/**
 * Answers the hot routes ahead of Express, which costs several times what their handlers do (see
 * `npm run bench -- reads`). The handlers are the very ones that Express has: whatever is not exactly a
 * hot route's method and path goes there.
 */
export function hotRoutes(routes: readonly Route[], context: ServeContext): HotRoutes {
  const hot = HOT.map(([method, path]) => {
    const route = routes.find((one) => one.method === method && one.path === path);
    if (route === undefined) throw new Error(`there is no route ${method} ${path} to answer ahead of Express`);
    return { method, fits: compilePath(path).fits, answer: serve(route, context) };
  });
  const read = remembered((url) => {
    const address = splitUrl(url);
    return { address, fitting: hot.filter(({ fits }) => fits(address.path)) };
  });
  return {
    isHot: (method, url) => read(url).fitting.some((route) => route.method === method),
    isAnswered: (request, response) => {
      const { address, fitting } = read(request.url ?? '');
      for (const { method, answer } of fitting) {
        if (method !== request.method) continue;
        answer(request, response, address);
        return true;
      }
      return false;
    },
  };
}
