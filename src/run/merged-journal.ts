import { join } from "node:path";
import type { RunStatus } from "../aggregate/summary-shape.ts";
import { UsageError } from "../errors.ts";
import { scanOutlines } from "../journal/reader.ts";
import { encodeRecord, journalVersion } from "../journal/record.ts";
import type { Plan } from "../plan/plan.ts";
import { plural } from "../report/number-words.ts";
import { AtomicFile } from "../system/write-atomically.ts";
import { runFiles } from "./run-directory.ts";

/** A directory whose journal is taken over. */
export interface MergeSource {
  readonly directory: string;
  /** As the user named it. */
  readonly name: string;
}

/** What the journals of several directories hold together. */
export interface MergedJournal {
  /** Later answers to requests that had one, which are left out; those that were bought. */
  readonly answeredTwice: number;
  /** Records of requests that the plan does not have. */
  readonly strangers: number;
  /** Lines that could not be read, and torn ends, in words. */
  readonly notices: readonly string[];
  /** Whether a request has an answer or failed. */
  readonly isDecided: (index: number) => boolean;
}

const failed = 1;
const answered = 2;

/** How the merged run stands, once it is known what its journal holds. */
export interface MergedEnd {
  readonly status: RunStatus;
  readonly reason: string | null;
}

/**
 * Joins journals into one, line by line: a session that several of them hold comes from the one that has most of it, and
 * of a request that several answered the first answer stays. Memory is a byte a request. `end` says how the run stands,
 * which becomes the last record.
 */
export function mergeJournals(
  sources: readonly MergeSource[],
  path: string,
  plan: Plan,
  end: (merged: MergedJournal) => MergedEnd,
): MergedJournal & MergedEnd {
  const owners = sessionOwners(sources);
  const states = new Uint8Array(plan.length);
  const refused = new Set<string>();
  const notices: string[] = [];
  const versions = { promptgrid_version: "", node_version: "" };
  let answeredTwice = 0;
  let strangers = 0;
  let latest = "";
  const file = new AtomicFile(path);
  try {
    for (const [number, { directory, name }] of sources.entries()) {
      let isOwner = true;
      const open = new Set<string>();
      const scan = scanOutlines(join(directory, runFiles.journal), (record, _offset, _length, line) => {
        if (record.kind === "session") {
          isOwner = owners.get(record.session)?.source === number;
          if (record.at > latest) latest = record.at;
          Object.assign(versions, {
            promptgrid_version: record.promptgrid_version,
            node_version: record.node_version,
          });
        }
        if (!isOwner) return;
        if (record.kind === "variant") refused.add(record.variant_id);
        if (record.kind === "batch") {
          if (record.event === "ended" || record.event === "dropped") open.delete(record.name);
          else open.add(record.name);
        }
        if (record.kind === "attempt") {
          const position = plan.locate(record.variant_id, record.row_id, record.trial);
          if (record.status === "ok") {
            if (states[position] === answered) {
              if (record.reused_from === undefined) answeredTwice++;
              return;
            }
            refused.delete(record.variant_id);
          }
          if (position < 0) strangers++;
          else if (states[position] !== answered)
            states[position] = record.status === "ok" ? answered : failed;
        }
        file.writeBytes(line);
        file.write("\n");
      });
      if (open.size > 0) throw openBatches(name, open.size);
      notices.push(
        ...scan.corrupt.map(({ line, reason }) => `${name}: journal line ${line} is left out: ${reason}`),
        ...(scan.tornBytes > 0
          ? [`${name}: the journal's last line is torn (${scan.tornBytes} bytes) and is left out`]
          : []),
      );
    }
    const isDecided = (index: number): boolean =>
      (states[index] ?? 0) !== 0 || refused.has(plan.variant(plan.coordinates(index).variantIndex).id);
    const merged = { answeredTwice, strangers, notices, isDecided };
    const { status, reason } = end(merged);
    const session = {
      v: journalVersion,
      kind: "session",
      work: "merge",
      session: "merge",
      at: latest,
    } as const;
    file.write(encodeRecord({ ...session, event: "start", ...versions }));
    file.write(encodeRecord({ ...session, event: "end", ...versions, wall_seconds: 0, status, reason }));
    file.commit();
    return { ...merged, status, reason };
  } finally {
    file.discard();
  }
}

/** What a provider still works on would be missing here, and could not be fetched from there any more. */
function openBatches(name: string, count: number): UsageError {
  return new UsageError(
    "run/open-batches",
    `${count === 1 ? "a batch" : plural(count, "batch")} of \`${name}\` may still be under way`,
    { hint: `\`promptgrid resume ${name}\` fetches what came of it; then merge` },
  );
}

/** Which source holds most of a session: copies of a directory begin with the same lines, and one may have gone on. */
function sessionOwners(
  sources: readonly MergeSource[],
): ReadonlyMap<string, { readonly source: number; readonly lines: number }> {
  const owners = new Map<string, { source: number; lines: number }>();
  for (const [source, { directory }] of sources.entries()) {
    const lines = new Map<string, number>();
    let session = "";
    scanOutlines(join(directory, runFiles.journal), (record) => {
      if (record.kind === "session") session = record.session;
      lines.set(session, (lines.get(session) ?? 0) + 1);
    });
    for (const [id, count] of lines)
      if (count > (owners.get(id)?.lines ?? 0)) owners.set(id, { source, lines: count });
  }
  return owners;
}
