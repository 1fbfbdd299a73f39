// The other side of measured-process.ts: what each program of bench/programs is built on.

/** `setup` gets the configuration, and answers the function that measures once. */
export async function serveMeasurements<Config, Input>(
  setup: (config: Config) => Promise<(input: Input) => unknown>,
): Promise<void> {
  const reply = (message: unknown): void => {
    process.send?.(message as object);
  };
  const fail = (error: unknown): void => reply({ error: error instanceof Error ? String(error.stack) : String(error) });
  try {
    const measure = await setup(JSON.parse(process.argv[2] ?? '{}') as Config);
    process.on('message', (input: Input) => {
      Promise.resolve()
        .then(() => measure(input))
        .then((result) => reply({ result }), fail);
    });
    process.on('disconnect', () => process.exit());
    reply({ result: 'ready' });
  } catch (error) {
    fail(error);
  }
}

/** CPU microseconds of all threads of this process, garbage collection and compilation included. */
export function cpuMicroseconds(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
