// The stage of the attack suite: a victim with a secret, attackers, and a client that comes afterwards. What an
// attacker says it tries is paired with what the audit says of it; while it runs, every capability that anybody holds
// is compared with its title; in the end the victim has to be unharmed and at work, and so has the monitor.
import { expect } from 'chai';
import { formatCapability } from '../../src/host/index.ts';
import type { AuditRecord, Cvm, CvmSpec, MonitorOptions, MonitorStop } from '../../src/monitor/index.ts';
import { World } from '../monitor/world.ts';

export interface Attempt {
  readonly by: string;
  readonly name: string;
  /** Checks and errors that the audit reports meanwhile; those of another cVM with its name before them. */
  readonly stops: string[];
  result: string | undefined;
}

export interface RunScene {
  readonly budget?: bigint;
  /** Instructions between two walks through everybody's capabilities. */
  readonly step?: bigint;
  /** Called at each walk; true ends the run. */
  readonly watch?: () => boolean;
}

const SECRET_BYTES = 4096;
const secretByte = (position: number): number => (position * 197 + (position >> 8) * 31 + 90) & 255;

export class Scene {
  readonly attempts: Attempt[] = [];
  readonly world: World;
  readonly victim: Cvm;
  readonly client: Cvm;
  readonly #free: number;
  readonly #consoles = new Map<string, string>();

  private constructor(world: World, stacks: number) {
    this.world = world;
    this.#free = world.monitor.freeBytes;
    this.victim = world.cvm('victim', {
      image: 'attack/victim',
      memory: 64 * 1024,
      background: true,
      arguments: [`${stacks}`],
    });
    this.client = world.cvm('client', { image: 'attack/client', memory: 64 * 1024 });
    world.monitor.allowCall('guard', this.client, this.victim);
    world.monitor.connect('mail', this.client, this.victim);
    world.monitor.connect('reply', this.victim, this.client);
  }

  /** The victim runs and serves; nobody else is there yet. `stacks`: calls that it can serve at once. */
  static async create({ stacks = 4, ...options }: Partial<MonitorOptions> & { stacks?: number } = {}): Promise<Scene> {
    let hear = (_cvm: Cvm, _text: string): void => undefined;
    const world = await World.create({
      memory: '4M',
      ...options,
      onConsole: (cvm, bytes, channel) => {
        options.onConsole?.(cvm, bytes, channel);
        hear(cvm, Buffer.from(bytes).toString('latin1'));
      },
    });
    const scene = new Scene(world, stacks);
    hear = (cvm, text) => scene.#hear(cvm, text);
    world.monitor.audit.onRecord((record) => scene.#note(record));
    world.start(scene.victim);
    await world.monitor.run({ budget: 200_000n, background: true });
    return scene;
  }

  /** An attacker, not started: one of guests/attack. It may fault as often as it likes. */
  attacker(name: string, program: string, parameters: readonly string[] = [], spec: Partial<CvmSpec> = {}): Cvm {
    return this.world.cvm(name, {
      memory: 128 * 1024,
      faults: 1_000_000,
      ...spec,
      image: `attack/${program}`,
      arguments: parameters,
    });
  }

  /** Runs the cVMs given, started now if they are new, until all in the foreground have ended. */
  async run(
    cvms: readonly Cvm[],
    { budget = 50_000_000n, step = 50_000n, watch }: RunScene = {},
  ): Promise<MonitorStop> {
    for (const cvm of cvms) if (cvm.state === 'created') this.world.monitor.start(cvm);
    const end = this.world.monitor.machine.instructions + budget;
    for (;;) {
      const stop = await this.world.monitor.run({ budget: step, background: watch !== undefined });
      this.expectTitles();
      if (stop.reason !== 'budget' || watch?.() === true || stop.instructions >= end) return stop;
    }
  }

  lines({ name }: Cvm): string[] {
    return (this.#consoles.get(name) ?? '').split('\n').slice(0, -1);
  }

  /** Nobody holds what nothing entitles him to. */
  expectTitles(): void {
    for (const cvm of this.world.monitor.cvms) {
      for (const { title, where, capability } of this.world.monitor.holdings(cvm))
        if (title === undefined) expect.fail(`${cvm.name}: ${where} holds ${formatCapability(capability)}`);
    }
  }

  /** What stopped each attempt, or what came of it, and which attempts those were: these and no others. */
  expectOutcomes(expected: Readonly<Record<string, readonly string[]>>): void {
    const found: Record<string, string[]> = {};
    for (const attempt of this.attempts) {
      const names = (found[outcomeOf(attempt)] ??= []);
      if (!names.includes(attempt.name)) names.push(attempt.name);
    }
    expect(sortedRecord(found)).to.deep.equal(sortedRecord(expected));
  }

  /** The secret is intact, as the host sees it and as the victim does, who serves whoever comes; so does the monitor. */
  async expectUnharmed({ faults, refusals } = { faults: 0, refusals: 0 }): Promise<void> {
    const { monitor } = this.world;
    this.expectSecret();
    const { state } = this.victim;
    expect([state, this.victim.faults, this.victim.refusals]).to.deep.equal(['running', faults, refusals]);
    const stop = await this.run([this.client], {
      budget: 20_000_000n,
      watch: () => !this.client.alive,
    });
    expect([stop.reason, ...this.lines(this.client)]).to.include.members(['client: well']);
    this.expectSecret();
    for (const cvm of monitor.cvms) monitor.destroy(cvm);
    expect(monitor.freeBytes, 'memory that nobody gave back').to.equal(this.#free);
    const { memory } = monitor.machine;
    const rest = Number(memory.end - memory.base) - this.#free;
    const first = Number(memory.end) - this.#free;
    expect(rest).to.be.greaterThan(0);
    expect(
      memory.read(first, this.#free).some((byte) => byte !== 0),
      'memory that nobody cleared',
    ).to.equal(false);
  }

  expectSecret(): void {
    const { image, data, origin } = this.victim;
    const at = Number(image.symbols.address('secret')) + origin;
    expect(at).to.be.within(data.base, data.base + data.sizeBytes);
    const bytes = this.world.monitor.machine.memory.read(at, SECRET_BYTES);
    expect(bytes.findIndex((byte, position) => byte !== secretByte(position)), 'first wrong byte of the secret').to.equal(-1); // prettier-ignore
  }

  #hear({ name }: Cvm, text: string): void {
    const before = this.#consoles.get(name) ?? '';
    this.#consoles.set(name, before + text);
    const lines = (before.slice(before.lastIndexOf('\n') + 1) + text).split('\n');
    for (const line of lines.slice(0, -1)) {
      const attempt = /^attempt: (.*)$/.exec(line)?.[1];
      const result = /^result: (.*)$/.exec(line)?.[1];
      if (attempt !== undefined) this.attempts.push({ by: name, name: attempt, stops: [], result: undefined });
      const last = this.attempts.findLast(({ by }) => by === name);
      if (result !== undefined && last !== undefined) last.result = result;
    }
  }

  #note({ cvm, kind, check = '' }: AuditRecord): void {
    if (kind !== 'fault' && kind !== 'refusal') return;
    const last = this.attempts.at(-1);
    last?.stops.push(last.by === cvm ? check : `${cvm}: ${check}`);
  }
}

/** What stopped it; if nothing did, what it got; both, if it got something all the same. */
function outcomeOf({ stops: [stop], result }: Attempt): string {
  if (stop === undefined) return result ?? 'did not come back';
  return result === undefined || /^(0x0|-\d+)$/.test(result) ? stop : `${stop}, but ${result}`;
}

const sortedRecord = (record: Readonly<Record<string, readonly string[]>>): Record<string, string[]> =>
  Object.fromEntries(Object.entries(record).map(([key, values]) => [key, [...values].sort()]));
