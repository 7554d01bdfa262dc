import { readCsv } from "../dataset/csv.ts";
import { type CsvMatrix, readCsvMatrix } from "../dataset/csv-matrix.ts";
import { type CsvTable, cellPlace } from "../dataset/csv-table.ts";
import type { DatasetSpec, Row } from "../dataset/dataset.ts";
import { selectRows } from "../dataset/select-rows.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Excerpt } from "../diagnostics/excerpt.ts";
import type { ScorerSpec } from "../score/scorer.ts";
import { type InputFiles, referredName } from "../system/input-files.ts";
import type { Overrides } from "./overrides.ts";
import { nearestFile } from "./read-text.ts";
import { tryRead } from "./references.ts";
import type { PromptSpec } from "./run-config.ts";
import type { YamlSource } from "./yaml-source.ts";

/** What a CSV matrix brings to a config. */
export interface LoadedCsvMatrix {
  readonly prompts: readonly PromptSpec[];
  /** One row a line where the matrix has no dataset; null with one. */
  readonly rows: readonly Row[] | null;
  /** `exact` where lines say what they expect; used when the matrix states no scorer. */
  readonly scorers: readonly ScorerSpec[];
  /** The headers of the columns `param.<name>`, by name. */
  readonly columns: ReadonlyMap<string, Excerpt>;
  readonly diagnostics: readonly Diagnostic[];
}

const nothing: LoadedCsvMatrix = {
  prompts: [],
  rows: null,
  scorers: [],
  columns: new Map(),
  diagnostics: [],
};

/** Reads the CSV matrix that `prompts:` names (or that is the matrix itself). `scored`: the matrix states scorers. */
export function loadCsvMatrix(
  path: string,
  source: YamlSource,
  files: InputFiles,
  dataset: DatasetSpec | null,
  overrides: Overrides,
  scored: boolean,
): LoadedCsvMatrix {
  const file = referredName(source.file, path);
  const bytes = tryRead(files, file);
  if (bytes === null) {
    return {
      ...nothing,
      diagnostics: [
        {
          code: "config/missing-file",
          severity: "error",
          message: `cannot read the CSV matrix \`${file}\``,
          hint: nearestFile(file, files) ?? "`prompts` is a list of prompts, or the path of a CSV file",
          place: source.place(["prompts"]),
        },
      ],
    };
  }
  const { table, diagnostics } = readCsv(bytes, file, { what: "CSV matrix" });
  if (table === null) return { ...nothing, diagnostics };
  const read = readCsvMatrix(table, file, { hasDataset: dataset !== null });
  const all = [...diagnostics, ...read.diagnostics];
  if (read.matrix === null) return { ...nothing, diagnostics: all };
  const { scorers, diagnostics: notices } = scored ? nothing : expectedScorer(read.matrix);
  return {
    prompts: read.matrix.lines.map(
      (line, i): PromptSpec => ({
        id: line.promptId,
        raw: false,
        messages: line.messages,
        place: line.place,
        excerpt: lineExcerpt(table, i),
        axes: line.parameters,
        rowId: line.rowId,
      }),
    ),
    rows:
      read.matrix.rows === null
        ? null
        : selectRows(read.matrix.rows, { shuffleSeed: overrides.shuffle, offset: 0, limit: overrides.limit }),
    scorers,
    columns: parameterHeaders(table),
    diagnostics: [...all, ...notices],
  };
}

/** A record as the file has it. Its text is decoded only when it is asked for, and only the file's bytes are kept. */
function lineExcerpt({ file, source, records }: CsvTable, index: number): Excerpt | null {
  const record = records[index];
  if (record === undefined) return null;
  const start = record.offset;
  const end = records[index + 1]?.offset;
  return {
    place: { file, line: record.line, column: 1 },
    get text(): string {
      return source.subarray(start, end).toString();
    },
  };
}

function parameterHeaders(table: CsvTable): ReadonlyMap<string, Excerpt> {
  const headers = table.columns.flatMap((text, i): [string, Excerpt][] => {
    const place = { ...cellPlace(table, table.header, i), length: text.length };
    return text.startsWith("param.") ? [[text.slice("param.".length), { place, text }]] : [];
  });
  return new Map(headers);
}

/** `expected` without a scorer means `exact`, and that is said. */
function expectedScorer(matrix: CsvMatrix): {
  readonly scorers: readonly ScorerSpec[];
  readonly diagnostics: readonly Diagnostic[];
} {
  if (!matrix.hasExpected) return { scorers: [], diagnostics: [] };
  const [first] = matrix.lines;
  const place = first?.place;
  const where = place === undefined ? {} : { place };
  const templates = [...new Set(matrix.lines.map((line) => line.expected))];
  if (matrix.rows === null && templates.length > 1) {
    return {
      scorers: [],
      diagnostics: [
        {
          code: "config/expected",
          severity: "error",
          message: "with a dataset all lines must have the same `expected`",
          hint: 'make it a column of the dataset and state a scorer: `scorers: [{ type: exact, expected: "{{ answer }}" }]`',
          ...where,
        },
      ],
    };
  }
  const expected = matrix.rows === null ? (templates[0] ?? "") : "{{ expected }}";
  const spec: ScorerSpec = {
    id: "exact",
    type: "exact",
    negate: false,
    required: true,
    threshold: null,
    weight: 1,
    target: "answer",
    options: { expected },
  };
  const missing = matrix.lines.filter((line) => line.expected === null).length;
  const some =
    missing === 0 ? "" : `; ${missing} of ${matrix.lines.length} lines have none and are not scored`;
  return {
    scorers: [spec],
    diagnostics: [
      {
        code: "config/implied-scorer",
        severity: "notice",
        message: `answers are scored by \`exact\` against \`expected\`${some}`,
        hint: "to judge otherwise, write a YAML matrix with `scorers` and `prompts: …csv`",
        ...where,
      },
    ],
  };
}
