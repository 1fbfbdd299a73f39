interface SqsEvent {
  readonly queue: string;
  readonly id: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly payload: Uint8Array;
  text(): string;
  json(): unknown;
}

export default {
  /** The message is deleted when this has not thrown. */
  queue(event: SqsEvent): void {
    console.log(`{{project-name}}: ${event.id}: ${event.text()}`);
  },
};
