// Breaks that no test can notice, or that are not worth one, with the reason. `change` is what the run prints. A break
// that stands here is not tried; one that is not found in its file any more is reported, so that the list stays short.

export interface KnownSurvivor {
  readonly file: string;
  readonly change: string;
  readonly reason: string;
}
