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
  const clients = new Map(
    [...part.endpoints].map(([key, endpoint]) => [
      key,
      createChatClient(endpoint, {
        timeouts: settings.timeouts,
        // undici frees a socket one turn of the event loop late: a few more keep that from being a wait.
        connections: settings.concurrency + spareConnections,
        userAgent: `promptgrid/${settings.version}`,
        proxy: settings.proxyFor(endpoint.baseUrl),
      }),
    ]),
  );
  return { ...part, offset, journal, clients };
}
