/** @throws Error that names the setting, for a URL that is none of Redis. */
export function checkRedisUrl(url: string): string {
  if (!/^rediss?:\/\//.test(url) || !URL.canParse(url))
    throw new Error('REDIS_URL must be like redis://user:password@host:6379/0, or rediss://… for TLS');
  return url;
}
