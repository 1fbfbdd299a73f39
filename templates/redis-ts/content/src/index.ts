interface RedisEvent {
  readonly channel: string;
  readonly payload: Uint8Array;
  text(): string;
  json(): unknown;
}

export default {
  redis(event: RedisEvent): void {
    console.log(`{{project-name}}: ${event.channel}: ${event.text()}`);
  },
};
