import { join } from "node:path";
import type { TimeoutSpec } from "../config/run-config.ts";
import { JournalWriter } from "../journal/writer.ts";
import { createChatClient } from "../provider/chat-client.ts";
import type { Endpoint } from "../provider/endpoint.ts";
import type { Provider } from "../provider/provider.ts";
import type { JournalIndex } from "./journal-index.ts";
import type { KnownRecord } from "./known-records.ts";
import type { Prepared } from "./prepare.ts";
import { runFiles } from "./run-directory.ts";
import type { Simulators } from "./simulators.ts";

const spareConnections = 4;

/** One side of a session: a plan, its journal, and where its requests go. */
export interface SessionPart {
  readonly prepared: Prepared;
  readonly directory: string;
  readonly index: JournalIndex;
  /** Length of the good part of the journal when a torn tail must be cut off; null otherwise. */
  readonly cutAt: number | null;
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  readonly simulators: Simulators;
  /** Answers known before the session that are written into the journal first. */
  readonly known: readonly KnownRecord[];
}

/** A side with its journal open for writing and a client for each provider. */
export interface OpenSessionPart extends SessionPart {
  /** Position of its first request among those of all sides. */
  readonly offset: number;
  readonly journal: JournalWriter;
  readonly clients: ReadonlyMap<string, Provider>;
}

/** What all sides of a session have in common. */
export interface SessionSettings {
  readonly timeouts: TimeoutSpec;
  readonly concurrency: number;
  readonly version: string;
  readonly proxyFor: (baseUrl: string) => string | null;
  readonly onDiskError: (error: Error) => void;
}

/** Opens a side for a session. Whoever opens it closes its journal and its clients. */
export function openSessionPart(
  part: SessionPart,
  offset: number,
  settings: SessionSettings,
): OpenSessionPart {
  const path = join(part.directory, runFiles.journal);
  const journal = new JournalWriter(path, settings.onDiskError, part.cutAt);
  return { ...part, offset, journal, clients: openClients(part.endpoints, settings) };
}

/** A client for each provider. Whoever opens them closes them. */
export function openClients(
  endpoints: ReadonlyMap<string, Endpoint>,
  { timeouts, concurrency, version, proxyFor }: Omit<SessionSettings, "onDiskError">,
): ReadonlyMap<string, Provider> {
  return new Map(
    [...endpoints].map(([key, endpoint]) => [
      key,
      createChatClient(endpoint, {
        timeouts,
        // undici frees a socket one turn of the event loop late: a few more keep that from being a wait.
        connections: concurrency + spareConnections,
        userAgent: `promptgrid/${version}`,
        proxy: proxyFor(endpoint.baseUrl),
      }),
    ]),
  );
}
