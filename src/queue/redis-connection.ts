import type { Redis, RedisOptions } from "ioredis";
import { UsageError } from "../errors.ts";

/** A connection that is up. */
export interface OpenedRedis {
  readonly redis: Redis;
  /** What is worth knowing of the server's settings, in words. */
  readonly notices: readonly string[];
}

const connectMs = 5_000;
const commandMs = 2_000;
/** HSET with several fields, XTRIM MINID and GETDEL are there since then. */
const leastVersion = [6, 2] as const;
const longestRetryMs = 2_000;

/** Where a Redis is, without user and password: `redis://host:6379/0`. */
export function shownRedisUrl(text: string): string {
  const { host, port, db, isSecure } = parsedUrl(text);
  return `${isSecure ? "rediss" : "redis"}://${host}:${port}/${db}`;
}

/**
 * Connects to a Redis and checks that it can be used. Commands that cannot be sent at once fail; the connection comes back by
 * itself. Throws UsageError for a URL that is none, a server that is not there, wants another password or is too old, and
 * where the library is not installed.
 */
export async function openRedis(text: string, options: RedisOptions = {}): Promise<OpenedRedis> {
  const address = redisAddress(text);
  const { Redis } = await library();
  const redis = new Redis({
    ...address,
    lazyConnect: true,
    connectTimeout: connectMs,
    commandTimeout: commandMs,
    // A connection that died without a word is given up, so that a new one can be made.
    socketTimeout: commandMs,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (times) => Math.min(longestRetryMs, 100 * times),
    ...options,
  });
  // Whoever needs it hears of it by its commands.
  redis.on("error", () => undefined);
  try {
    await firstConnection(redis);
    return { redis, notices: await checked(redis, shownRedisUrl(text)) };
  } catch (error) {
    redis.disconnect();
    throw error instanceof UsageError ? error : unreachable(error as Error, shownRedisUrl(text));
  }
}

/** Host, port, database and credentials of a URL, as the library takes them. Throws UsageError for a URL that is none. */
export function redisAddress(text: string): RedisAddress {
  const { host, port, db, isSecure, username, password } = parsedUrl(text);
  return {
    host,
    port,
    db,
    ...(username === "" ? {} : { username }),
    ...(password === "" ? {} : { password }),
    ...(isSecure ? { tls: {} } : {}),
  };
}

async function library(): Promise<{ readonly Redis: typeof Redis }> {
  try {
    return await import("ioredis");
  } catch (error) {
    throw new UsageError("queue/no-library", "sharing through Redis needs the package `ioredis`", {
      hint: "`npm install ioredis bullmq`",
      cause: error,
    });
  }
}

/** Ends with the first connection or the first error, instead of trying again and again. */
function firstConnection(redis: Redis): Promise<void> {
  return new Promise((resolve, reject) => {
    redis.once("error", reject);
    redis.connect().then(resolve, reject);
  });
}

async function checked(redis: Redis, shown: string): Promise<readonly string[]> {
  const info = await redis.info("server");
  const version = /redis_version:(\S+)/.exec(info)?.[1] ?? "";
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major < leastVersion[0] || (major === leastVersion[0] && minor < leastVersion[1]))
    throw new UsageError(
      "queue/old-redis",
      `${shown} is Redis ${version === "" ? "of an unknown version" : version}; ${leastVersion.join(".")} or newer is needed`,
      { hint: "Debian 12's `redis-server` is 7.0" },
    );
  const policy = await redis.config("GET", "maxmemory-policy").then(
    (answer) => (answer as readonly string[])[1] ?? "noeviction",
    () => "noeviction",
  );
  return policy === "noeviction"
    ? []
    : [
        `${shown} may throw data away when its memory is full (maxmemory-policy ${policy}); set \`noeviction\``,
      ];
}

function unreachable({ message }: Error, shown: string): UsageError {
  if (/NOAUTH|WRONGPASS|invalid username-password|invalid password|Client sent AUTH/i.test(message))
    return new UsageError(
      "queue/auth",
      `${shown} refuses the connection: ${/NOAUTH/.test(message) ? "it wants a password" : "user name or password is wrong"}`,
      { hint: "`redis://:PASSWORD@host:6379`, best from an environment variable" },
    );
  return new UsageError("queue/unreachable", `${shown} cannot be reached: ${message}`, {
    hint: "is Redis running there? `redis-cli -u URL ping` answers PONG",
  });
}

/** Where a Redis is, and how one gets in. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: Readonly<Record<string, never>>;
}

interface ParsedUrl {
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly isSecure: boolean;
  readonly username: string;
  readonly password: string;
}

function parsedUrl(text: string): ParsedUrl {
  const url = URL.canParse(text) ? new URL(text) : null;
  const db = /^\/?(\d*)$/.exec(url?.pathname ?? "")?.[1];
  if (
    url === null ||
    !["redis:", "rediss:"].includes(url.protocol) ||
    url.hostname === "" ||
    db === undefined
  )
    throw noAddress();
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? 6379 : Number(url.port),
    db: db === "" ? 0 : Number(db),
    isSecure: url.protocol === "rediss:",
    username: decoded(url.username),
    password: decoded(url.password),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw noAddress();
  }
}

function noAddress(): UsageError {
  return new UsageError("queue/url", "that is no address of a Redis", {
    hint: "`redis://host:6379`, `redis://user:password@host:6379/1` with `%25` for a `%`, or `rediss://` with TLS",
  });
}
