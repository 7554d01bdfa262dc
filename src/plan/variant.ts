/** Prompt × provider × point: the thing that is compared. */
export interface Variant {
  /** 10 hex digits over { prompt id, provider key, parameters as written }. */
  readonly id: string;
  /** What reports call it and `--variants` selects it by: `prompt=v2,model=X`, only what differs in this plan. */
  readonly label: string;
  readonly promptId: string;
  /** Key of the provider. */
  readonly provider: string;
  /** As written, before a row fills them; `model` first; nulls (do not send) left out. */
  readonly parameters: Readonly<Record<string, unknown>>;
}
