interface CronEvent {
  readonly cron: string;
  /** Milliseconds since 1970. */
  readonly scheduledTime: number;
}

export default {
  scheduled(event: CronEvent): void {
    console.log(`{{project-name}}: ${new Date(event.scheduledTime).toISOString()}`);
  },
};
