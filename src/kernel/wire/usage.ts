/** Answers to usage_request: what JupyterLab's extensions show of a kernel's memory and processor time. */
import os from 'node:os';

import type { Content } from './messages.ts';

/** Percent of one processor that this process has used since the last question, as psutil counts it. */
let last = { at: performance.now(), cpu: process.cpuUsage() };
let lastHost = hostTimes();

/** Milliseconds of all processors: idle, and altogether. */
function hostTimes(): { idle: number; total: number } {
  let [idle, total] = [0, 0];
  for (const { times } of os.cpus()) {
    idle += times.idle;
    total += times.user + times.nice + times.sys + times.idle + times.irq;
  }
  return { idle, total };
}

const percent = (part: number, whole: number): number =>
  whole > 0 ? Math.round((1000 * part) / whole) / 10 : 0;

/** The content of a usage_reply, with the names that ipykernel gives it. Memory is in bytes. */
export function usage(): Content {
  const now = { at: performance.now(), cpu: process.cpuUsage() };
  const used = now.cpu.user + now.cpu.system - last.cpu.user - last.cpu.system; // microseconds
  const kernel = percent(used / 1000, now.at - last.at);
  last = now;
  const host = hostTimes();
  const busy = host.total - lastHost.total - (host.idle - lastHost.idle);
  const hostPercent = percent(busy, host.total - lastHost.total);
  lastHost = host;
  const [total, available] = [os.totalmem(), process.availableMemory()];
  return {
    hostname: os.hostname(),
    pid: process.pid,
    kernel_cpu: kernel,
    kernel_memory: process.memoryUsage.rss(),
    cpu_count: os.cpus().length,
    host_cpu_percent: hostPercent,
    host_virtual_memory: {
      total,
      available,
      used: total - available,
      percent: percent(total - available, total),
    },
  };
}
