// How Linux programs are asked to end: with SIGTERM first, by force when they have not in time.
import type { Cvm } from '../monitor/index.ts';
import type { Services } from '../services/index.ts';

/** `capvm stop`. */
export const STOP_MILLISECONDS = 10_000;
/** Ctrl-C. */
const INTERRUPT_MILLISECONDS = 5_000;

/** After Ctrl-C: runs on until all Linux programs have ended, or their time is over. */
export async function endPrograms({ monitor, cvms, terminate }: Services): Promise<void> {
  const ending = [...cvms.values()].filter((cvm) => cvm.alive && terminate(cvm));
  if (ending.length === 0) return;
  const done = new AbortController();
  const timer = setTimeout(() => done.abort(), INTERRUPT_MILLISECONDS);
  for (const cvm of ending) if (cvm.state === 'paused') monitor.resume(cvm);
  const look = (): void => {
    if (ending.every(({ alive }) => !alive)) done.abort();
  };
  monitor.audit.onRecord(({ kind }) => kind === 'exit' && look());
  await monitor.run({ signal: done.signal });
  clearTimeout(timer);
}

/** `capvm stop`: asks, and kills later. False: it runs no Linux program. */
export function endProgram({ monitor, terminate }: Services, cvm: Cvm, why: string): boolean {
  if (!terminate(cvm)) return false;
  if (cvm.state === 'paused') monitor.resume(cvm);
  setTimeout(() => cvm.alive && monitor.kill(cvm, why), STOP_MILLISECONDS).unref();
  return true;
}
