// What a conformance suite is. Suites stand in suites/, one file each; main.ts lists them.

export type Outcome =
  | { readonly status: 'passed' }
  | { readonly status: 'failed' | 'skipped'; readonly reason: string };

export type Case = Outcome & {
  /** Unique and stable, such as `validation/kebab.wast:12`: what known-failures files name. */
  readonly id: string;
};

export interface Suite {
  readonly name: string;
  /** Set for a suite that brings its cases itself. */
  readonly needsNoCheckout?: boolean;
  /** `path` is a checkout of the suite's repository; `only` keeps the files whose path contains it. */
  run(path: string, only: string): AsyncIterable<Case>;
}
