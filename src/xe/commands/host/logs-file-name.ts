/** Name for a file of logs that were fetched at a time, in UTC. The day's numbers have no zero in front, the time's have. */
export function logsFileName(time: Date): string {
  const clock = [time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()].map((part) => String(part).padStart(2, '0'));
  return `logs-${time.getUTCFullYear()}-${time.getUTCMonth() + 1}-${time.getUTCDate()}T${clock.join('')}Z`;
}
