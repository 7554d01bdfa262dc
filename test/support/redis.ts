import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createConnection, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { tempFolder } from "./temp-folder.ts";

/** Whether this machine has a Redis; without one the tests that need it are skipped, which the message says. */
export const redisAvailable: boolean = found();

function found(): boolean {
  try {
    execFileSync("redis-server", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    process.stderr.write("skipped: there is no `redis-server` on this machine\n");
    return false;
  }
}

export interface RedisServer {
  /** Without a password. */
  readonly url: string;
  readonly port: number;
  /** `SIGKILL`: it has no time to write anything. */
  kill(): Promise<void>;
  /** The same port, with what the append-only file has kept; `empty` begins anew. */
  restart(empty?: boolean): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a Redis on a free port of 127.0.0.1, with an append-only file and the settings given. */
export async function startRedis(settings: readonly string[] = []): Promise<RedisServer> {
  const port = await freePort();
  let folder = tempFolder({});
  let child: ChildProcess | null = null;
  const start = async (): Promise<void> => {
    const fixed = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""];
    child = spawn("redis-server", [...fixed, "--appendonly", "yes", ...settings], { stdio: "ignore" });
    for (let i = 0; !(await answers(port)); i++) {
      if (i > 200) throw new Error("redis-server does not answer");
      await sleep(25);
    }
  };
  const kill = async (): Promise<void> => {
    const dying = child;
    child = null;
    if (dying === null) return;
    const gone = new Promise((done) => dying.once("exit", done));
    dying.kill("SIGKILL");
    await gone;
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    kill,
    restart: async (empty = false) => {
      await kill();
      if (empty) folder = tempFolder({});
      await start();
    },
    stop: kill,
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Whether something there speaks; a Redis that loads its file or wants a password does, too. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, "127.0.0.1", () => socket.write("PING\r\n"));
    socket.setTimeout(500, () => socket.destroy());
    socket.once("data", (data) => {
      resolve(!data.toString().startsWith("-LOADING"));
      socket.destroy();
    });
    socket.once("error", () => resolve(false));
    socket.once("close", () => resolve(false));
  });
}
