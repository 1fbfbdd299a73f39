/** Version of the WIT of WASI 0.2 that guests are built against. */
export const witVersion: string;
/** WIT text with the packages of WASI that it names appended. */
export function withWasi(text: string): Promise<string>;
