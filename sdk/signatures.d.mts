export function readSignatures(): Promise<Readonly<Record<string, Readonly<Record<string, string>>>>>;
