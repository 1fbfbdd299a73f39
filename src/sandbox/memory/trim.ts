// Decides when a scanned memory gives up its private pages, so that pages which requests rarely touch are not copied
// back for ever. It counts and says when; dropping the pages is done elsewhere.

/**
 * Copies that cost as much as one page fault. After all pages were given up, each page that the next request touches
 * costs a fault (2 µs); copying one back costs 0.2 µs.
 */
const COPIES_PER_FAULT = 10;
/** The cost of the calls that give the pages up, counted in copies. */
const COPIES_PER_TRIM = 256;
/**
 * The number of requests before the first look, which comes early: the first requests of an interpreter touch pages
 * that later ones do not.
 */
const FIRST_TRIM = 8;
const TRIM_GROWTH = 8;
const LONGEST_BETWEEN_TRIMS = 4096;

export interface TrimState {
  /** The number of pages that the first request after the last trim touched; 0 until that request has ended. */
  touched: number;
  /** The number of pages copied back since then although that request did not touch them. */
  wasted: number;
  resets: number;
  nextTrim: number;
}

export function createTrimState(): TrimState {
  return { touched: 0, wasted: 0, resets: 0, nextTrim: FIRST_TRIM };
}

/** True when it is cheaper to drop the `privatePages` that this reset found than to copy them back again and again. */
export function shouldTrim(state: TrimState, privatePages: number): boolean {
  state.resets++;
  if (state.touched === 0) state.touched = privatePages;
  state.wasted += privatePages - state.touched;
  if (state.wasted <= state.touched * COPIES_PER_FAULT + COPIES_PER_TRIM && state.resets < state.nextTrim) return false;
  if (state.resets >= state.nextTrim) state.nextTrim = Math.min(state.nextTrim * TRIM_GROWTH, LONGEST_BETWEEN_TRIMS);
  state.touched = 0;
  state.wasted = 0;
  state.resets = 0;
  return true;
}
