interface MqttEvent {
  readonly topic: string;
  readonly payload: Uint8Array;
  text(): string;
  json(): unknown;
}

export default {
  mqtt(event: MqttEvent): void {
    console.log(`{{project-name}}: ${event.topic}: ${event.text()}`);
  },
};
