// Time since the request began, by the clock of the host.
import clock from 'wasi:clocks/monotonic-clock@0.2.10';
import { performanceWith } from '../web/performance.js';

const NANOSECONDS = 1_000_000;

const { begin, ...globals } = performanceWith(() => clock.now() / NANOSECONDS);

/** Begins a request: its time is 0. */
export const beginPerformance = begin;
export const performanceGlobals = globals;
