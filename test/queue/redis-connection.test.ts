import { createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { openRedis, shownRedisUrl } from "../../src/queue/redis-connection.ts";
import { type RedisServer, redisAvailable, startRedis } from "../support/redis.ts";

let server: RedisServer | null = null;

afterEach(async () => {
  await server?.stop();
  server = null;
});

async function refusal(url: string): Promise<UsageError> {
  const error: unknown = await openRedis(url).then(
    ({ redis }) => {
      redis.disconnect();
      return null;
    },
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UsageError);
  return error as UsageError;
}

describe("the address of a Redis", () => {
  it("is shown without user and password", () => {
    expect(shownRedisUrl("redis://user:secret@host:6380/2")).toBe("redis://host:6380/2");
    expect(shownRedisUrl("rediss://host")).toBe("rediss://host:6379/0");
  });

  it("is refused where it is none", async () => {
    for (const url of ["", "localhost:6379", "http://host:6379", "redis://host/name", "redis://:%zz@host"])
      expect((await refusal(url)).code).toBe("queue/url");
  });

  it("leads to nothing", async () => {
    const error = await refusal("redis://:secret@127.0.0.1:1");
    expect(error).toMatchObject({ code: "queue/unreachable" });
    expect(error.message).toContain("redis://127.0.0.1:1/0 cannot be reached");
    expect(error.message).not.toContain("secret");
  });

  it("leads to something else, or to a Redis that is too old", async () => {
    const reply = (text: string): string => `$${text.length}\r\n${text}\r\n`;
    const old = createServer((socket) => {
      socket.on("data", (data) => {
        // As many replies as there are commands.
        const commands = data.toString().match(/^\*\d+\r$/gm)?.length ?? 1;
        socket.write(reply("# Server\r\nredis_version:5.0.7\r\n").repeat(commands));
      });
      socket.on("error", () => undefined);
    });
    await new Promise<void>((done) => old.listen(0, "127.0.0.1", done));
    const address = old.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const error = await refusal(`redis://127.0.0.1:${port}`);
    old.close();
    expect(error).toMatchObject({ code: "queue/old-redis" });
    expect(error.message).toContain("is Redis 5.0.7; 6.2 or newer is needed");
  });
});

describe.skipIf(!redisAvailable)("a Redis", () => {
  it("wants its password", async () => {
    server = await startRedis(["--requirepass", "the-right-one"]);
    const missing = await refusal(server.url);
    expect(missing).toMatchObject({ code: "queue/auth" });
    expect(missing.message).toContain("it wants a password");
    const wrong = await refusal(`redis://:the-wrong-one@127.0.0.1:${server.port}`);
    expect(wrong).toMatchObject({ code: "queue/auth" });
    expect(`${wrong.message}${wrong.hint}`).not.toContain("the-wrong-one");
    const { redis } = await openRedis(`redis://:the-right-one@127.0.0.1:${server.port}`);
    expect(await redis.ping()).toBe("PONG");
    redis.disconnect();
  });

  it("is told to keep what it is given", async () => {
    server = await startRedis(["--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"]);
    const { redis, notices } = await openRedis(server.url);
    redis.disconnect();
    expect(notices).toEqual([expect.stringContaining("maxmemory-policy allkeys-lru")]);
  });
});
