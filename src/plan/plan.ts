import type { Row } from "../dataset/dataset.ts";
import { canonicalJson, textId } from "./canonical-json.ts";
import type { Message, MessageTemplate } from "./messages.ts";
import type { CompiledValue, Variables } from "./template.ts";
import type { Variant } from "./variant.ts";

/** A variant with what is needed to make its requests. */
export interface PlannedVariant extends Variant {
  /** The prompt's messages for a row; rows of a CSV matrix have one each. */
  readonly messagesFor: (rowIndex: number) => MessageTemplate;
  readonly parametersTemplate: CompiledValue;
  /** Positions of its rows among all rows, ascending; null for all of them. */
  readonly rowIndices: Int32Array | null;
  readonly trials: number;
  readonly stream: boolean;
  /** Whether it says `stream_options: null`, so that the provider's own are left out, too. */
  readonly noStreamOptions?: boolean;
  /** Position of its first request in the plan. */
  readonly offset: number;
  readonly requests: number;
}

/** Where a request stands: indices into the plan's variants and rows, and the trial. */
export interface Coordinates {
  readonly variantIndex: number;
  readonly rowIndex: number;
  readonly trial: number;
}

/** One request, rendered. */
export interface PlannedRequest extends Coordinates {
  readonly index: number;
  /** Reckoned when it is asked for: it hashes the whole request. */
  readonly requestId: string;
  readonly variant: PlannedVariant;
  readonly row: Row;
  readonly messages: readonly Message[];
  /** Rendered, without nulls, `model` first, without `stream`. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly stream: boolean;
}

/**
 * Every request of a run, none of them made before it is asked for: the length is known and the i-th request
 * computable. Plan order is variant, row, trial, the last fastest.
 */
export class Plan {
  readonly variants: readonly PlannedVariant[];
  readonly rows: readonly Row[];
  readonly length: number;
  readonly #rowOfId: ReadonlyMap<string, number>;
  readonly #variantOfId: ReadonlyMap<string, number>;
  readonly #constantParameters = new Map<PlannedVariant, Readonly<Record<string, unknown>>>();
  // What was rendered last. Fields of their own: an object for them, made anew each time, would be kept in old space.
  #lastTemplate: MessageTemplate | null = null;
  #lastRow = 0;
  #lastTrial = 0;
  #lastMessages: readonly Message[] = [];

  constructor(variants: readonly PlannedVariant[], rows: readonly Row[]) {
    this.variants = variants;
    this.rows = rows;
    this.length = variants.reduce((sum, variant) => sum + variant.requests, 0);
    this.#rowOfId = new Map(rows.map((row, i) => [row.id, i]));
    this.#variantOfId = new Map(variants.map((variant, i) => [variant.id, i]));
  }

  /** Where the i-th request stands. Throws RangeError outside of the plan. */
  coordinates(index: number): Coordinates {
    if (!(index >= 0 && index < this.length)) throw new RangeError(`the plan has no request ${index}`);
    let low = 0;
    let high = this.variants.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.variant(middle).offset <= index) low = middle;
      else high = middle - 1;
    }
    const variant = this.variant(low);
    const within = index - variant.offset;
    const position = Math.floor(within / variant.trials);
    return {
      variantIndex: low,
      rowIndex: variant.rowIndices === null ? position : (variant.rowIndices[position] ?? 0),
      trial: within % variant.trials,
    };
  }

  /** Position of a request, or -1 when the plan has none there. */
  indexOf(coordinates: Coordinates): number {
    const variant = this.variants[coordinates.variantIndex];
    if (variant === undefined || coordinates.trial >= variant.trials) return -1;
    const position =
      variant.rowIndices === null ? coordinates.rowIndex : search(variant.rowIndices, coordinates.rowIndex);
    return position < 0 ? -1 : variant.offset + position * variant.trials + coordinates.trial;
  }

  /** Position of the request that a journal names, or -1. */
  locate(variantId: string, rowId: string, trial: number): number {
    const variantIndex = this.#variantOfId.get(variantId);
    const rowIndex = this.#rowOfId.get(rowId);
    return variantIndex === undefined || rowIndex === undefined
      ? -1
      : this.indexOf({ variantIndex, rowIndex, trial });
  }

  /** The i-th request, rendered. Throws TemplateError or MessageError when a row cannot fill it. */
  request(index: number): PlannedRequest {
    const { variantIndex, rowIndex, trial } = this.coordinates(index);
    const variant = this.variant(variantIndex);
    const row = this.row(rowIndex);
    const messages = this.#messages(variant.messagesFor(rowIndex), rowIndex, trial);
    const parameters = this.#parameters(variant, row, trial);
    return new RenderedRequest(index, { variantIndex, rowIndex, trial }, variant, row, messages, parameters);
  }

  variant(index: number): PlannedVariant {
    const variant = this.variants[index];
    if (variant === undefined) throw new RangeError(`the plan has no variant ${index}`);
    return variant;
  }

  row(index: number): Row {
    const row = this.rows[index];
    if (row === undefined) throw new RangeError(`the plan has no row ${index}`);
    return row;
  }

  /** Where no row changes them, they are the same object for every request of the variant. */
  #parameters(variant: PlannedVariant, row: Row, trial: number): Readonly<Record<string, unknown>> {
    const known = this.#constantParameters.get(variant);
    if (known !== undefined) return known;
    const template = variant.parametersTemplate;
    const rendered = template.render(variablesOf(row, trial)) as Readonly<Record<string, unknown>>;
    const parameters = Object.fromEntries(Object.entries(rendered).filter(([, value]) => value !== null));
    if (template.constant) this.#constantParameters.set(variant, parameters);
    return parameters;
  }

  /**
   * Variants of a row follow each other when requests are sent, and its trials when they are reported, so one rendering
   * serves most of them.
   */
  #messages(template: MessageTemplate, rowIndex: number, trial: number): readonly Message[] {
    const isLast =
      this.#lastTemplate === template &&
      this.#lastRow === rowIndex &&
      (this.#lastTrial === trial || !template.usesTrial);
    if (isLast) return this.#lastMessages;
    const messages = template.render(variablesOf(this.row(rowIndex), trial));
    this.#lastTemplate = template;
    this.#lastRow = rowIndex;
    this.#lastTrial = trial;
    this.#lastMessages = messages;
    return messages;
  }
}

/** A class and no literal with a getter: there may be a million, and the closure of each would outlive it. */
class RenderedRequest implements PlannedRequest {
  readonly index: number;
  readonly variantIndex: number;
  readonly rowIndex: number;
  readonly trial: number;
  readonly variant: PlannedVariant;
  readonly row: Row;
  readonly messages: readonly Message[];
  readonly parameters: Readonly<Record<string, unknown>>;
  #id: string | null = null;

  constructor(
    index: number,
    { variantIndex, rowIndex, trial }: Coordinates,
    variant: PlannedVariant,
    row: Row,
    messages: readonly Message[],
    parameters: Readonly<Record<string, unknown>>,
  ) {
    this.index = index;
    this.variantIndex = variantIndex;
    this.rowIndex = rowIndex;
    this.trial = trial;
    this.variant = variant;
    this.row = row;
    this.messages = messages;
    this.parameters = parameters;
  }

  get stream(): boolean {
    return this.variant.stream;
  }

  get requestId(): string {
    this.#id ??= requestId(this.variant, this.messages, this.parameters, this.row.id, this.trial);
    return this.#id;
  }
}

/** What placeholders see for a row: its variables, `row` with all of them, and `trial`. */
export function variablesOf(row: Row, trial: number): Variables {
  return { ...row.variables, row: row.variables, trial };
}

/**
 * The first 32 hex digits of SHA-256 over the canonical JSON of what makes an answer: prompt, rendered messages,
 * provider, parameters, row and trial. `stream` enters only where it is a parameter under comparison.
 */
function requestId(
  variant: PlannedVariant,
  messages: readonly Message[],
  parameters: Readonly<Record<string, unknown>>,
  rowId: string,
  trial: number,
): string {
  const compared = "stream" in variant.parameters ? { ...parameters, stream: variant.stream } : null;
  const { promptId, provider } = variant;
  return textId(
    `{"messages":${canonicalText(messages)},"parameters":${compared === null ? canonicalText(parameters) : canonicalJson(compared)},` +
      `"prompt_id":${JSON.stringify(promptId)},"provider":${JSON.stringify(provider)},"row_id":${JSON.stringify(rowId)},"trial":${trial}}`,
    32,
  );
}

/**
 * Identity of what is bought, whatever it is called in a matrix: provider, body and trial. Equal ids of two runs mean
 * that the answer of one serves the other.
 */
export function bodyId(request: PlannedRequest): string {
  const { messages, parameters, variant, trial } = request;
  return textId(
    `{"messages":${canonicalText(messages)},"parameters":${canonicalText(parameters)},` +
      `"provider":${JSON.stringify(variant.provider)},"trial":${trial}}`,
    32,
  );
}

const canonicalTexts = new WeakMap<object, string>();

/** The canonical JSON of messages or parameters, which many requests share and nobody changes. */
function canonicalText(value: object): string {
  const known = canonicalTexts.get(value);
  if (known !== undefined) return known;
  const text = canonicalJson(value);
  canonicalTexts.set(value, text);
  return text;
}

/** The position of a number in an ascending list, or -1. */
function search(sorted: Int32Array, wanted: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const value = sorted[middle] ?? 0;
    if (value === wanted) return middle;
    if (value < wanted) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
