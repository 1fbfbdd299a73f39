// Where the buckets of histograms end.

/** Seconds: from what a sandbox takes to what a person waits for. */
export const secondsBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Bytes of a guest's memory. */
export const bytesBounds = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024].map((mebibytes) => mebibytes * 2 ** 20);
