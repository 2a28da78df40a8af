import { expect } from 'chai';
import { AttackLog } from '../../src/cli/attack-log.ts';
import type { Cvm } from '../../src/monitor/index.ts';
import { sourceOf, World } from './world.ts';

const hex = (value: number): string => `0x${value.toString(16)}`;

/** sender and receiver at work on a long stream, and the attacker beside them. */
async function scene(slice?: number): Promise<{ world: World; victims: Cvm[]; hostile: Cvm; log: AttackLog }> {
  const log = new AttackLog();
  let partial = '';
  const world = await World.create({
    ...(slice === undefined ? {} : { slice }),
    onConsole: (cvm, bytes) => {
      if (cvm.name !== 'hostile') return;
      const lines = (partial + Buffer.from(bytes).toString()).split('\n');
      partial = lines.pop()!;
      for (const line of lines) log.line(cvm.name, line);
    },
  });
  world.monitor.audit.onRecord((record) => log.record(record));
  const victims = ['sender', 'receiver'].map((name) => world.cvm(name));
  const [sender, receiver] = victims;
  const parameters = victims.flatMap(({ name, data }) => [name, hex(data.base)]);
  const switcher = ['switcher', hex(0x8000_1000), 'its records', hex(receiver.resources.gate.record.base)];
  const hostile = world.cvm('hostile', { memory: 128 * 1024, faults: 10_000, arguments: [...parameters, ...switcher] });
  world.monitor.connect('file', sourceOf(new Uint8Array(100_000).fill(65)), sender);
  world.monitor.connect('data', sender, receiver);
  return { world, victims, hostile, log };
}

describe('a hostile cVM', () => {
  it('gets nothing, whatever it tries, and harms nobody', async () => {
    const { world, victims, hostile, log } = await scene();
    world.start(...victims, hostile);
    const stop = await world.monitor.run({ budget: 100_000_000n });
    expect(stop.reason).to.equal('ended');
    expect([hostile.state, hostile.exitCode]).to.deep.equal(['exited', 0]);
    expect(log.finished).to.equal(true);
    expect(log.attempts.length).to.be.greaterThan(150);
    for (const { name, verdict } of log.attempts) expect(['check', 'refused', 'nothing'], name).to.include(verdict);
    for (const victim of victims) {
      expect([victim.state, victim.exitCode, victim.faults, victim.refusals], victim.name).to.deep.equal([
        'exited',
        0,
        0,
        0,
      ]);
    }
  });

  it('is stopped by the check that one would expect', async () => {
    const { world, victims, hostile, log } = await scene();
    world.start(...victims, hostile);
    await world.monitor.run({ budget: 100_000_000n });
    const by = (name: string): string[] => [
      ...new Set(log.attempts.filter((attempt) => attempt.name === name).map((attempt) => attempt.by)),
    ];
    const expected: Readonly<Record<string, string>> = {
      'load a byte of the victim': 'CapEx_LengthViolation',
      'store a byte into the victim': 'CapEx_LengthViolation',
      'atomic add in the victim': 'CapEx_LengthViolation',
      'load-reserved, store-conditional in the victim': 'CapEx_LengthViolation',
      'floating-point load from the victim': 'CapEx_LengthViolation',
      'misaligned load that straddles into the victim': 'CapEx_LengthViolation',
      "jump to the victim's address": 'CapEx_LengthViolation',
      'jump there by capability': 'CapEx_TagViolation',
      'widen DDC by CSetBounds': 'CapEx_TagViolation',
      "point DDC's bounds elsewhere": 'CapEx_TagViolation',
      'install a DDC pointed elsewhere': 'CapEx_TagViolation',
      'load through an integer': 'CapEx_TagViolation',
      'forge a capability in memory': 'CapEx_TagViolation',
      'forge half a capability': 'CapEx_TagViolation',
      'forge by CSetHigh': 'CapEx_TagViolation',
      'forge by CBuildCap': 'CapEx_TagViolation',
      'forge by CFromPtr': 'CapEx_TagViolation',
      "read the victim's tags": 'CapEx_TagViolation',
      'capability mode, integer base': 'CapEx_TagViolation',
      'leftover of a hostcall, pointed elsewhere': 'CapEx_TagViolation',
      "load through the switcher's record register": 'CapEx_TagViolation',
      'load through a sealed handle': 'CapEx_SealViolation',
      'move a sealed handle': 'CapEx_TagViolation',
      'enter a gate behind its entry': 'CapEx_TagViolation',
      'unseal with DDC': 'CapEx_TagViolation',
      'seal a pair of its own': 'CapEx_TagViolation',
      'jump into sealed code': 'CapEx_SealViolation',
      'CInvoke, code and data swapped': 'CapEx_PermitExecuteViolation',
      'CInvoke, code as data': 'CapEx_PermitExecuteViolation',
      'CInvoke, unsealed pair': 'CapEx_SealViolation',
      'CInvoke, gate code with own data': 'CapEx_SealViolation',
      'CInvoke, sealed entry as code': 'CapEx_SealViolation',
      "CInvoke, hostcall gate with the return gate's record": 'CapEx_TypeViolation',
      "CInvoke, return gate with the hostcall gate's record": 'CapEx_TypeViolation',
      'return from a call that was not made': 'return without a call',
      'call through a handle that is not bound': 'CapEx_TagViolation',
      'return address far away': 'CapEx_TagViolation',
      'return address is a capability': 'CapEx_TagViolation',
      'store a capability': 'CapEx_PermitStoreCapViolation',
      'swap a capability into memory': 'CapEx_PermitStoreCapViolation',
      'execute data': 'CapEx_PermitExecuteViolation',
      'make DDC executable': 'CapEx_PermitExecuteViolation',
      'overwrite own code': 'CapEx_LengthViolation',
      ecall: 'environment call from U-mode',
      ebreak: 'breakpoint',
      mret: 'illegal instruction',
      'load at null': 'CapEx_LengthViolation',
      'jump to null': 'illegal instruction',
      'console: print the victim': 'EFAULT',
      'console: own text': 'EFAULT',
      'console: wraps around': 'EFAULT',
      'console: negative length': 'EINVAL',
      "thread in the victim's code": 'EFAULT',
      'fault handler elsewhere': 'EFAULT',
      'open a stream of others by name': 'EPERM',
      'wait on a wild handle': 'EBADF',
      'bind a call without leave': 'ENOENT',
      'bind with a name in the victim': 'EFAULT',
      'unknown hostcall': 'ENOSYS',
    };
    for (const [name, check] of Object.entries(expected)) expect(by(name), name).to.deep.equal([check]);
  });

  it('never holds a capability that it was not given, nor do the others, at any moment', async () => {
    const { world, victims, hostile } = await scene(301);
    const cvms = [...victims, hostile];
    world.start(...cvms);
    const titles = new Set<string>();
    for (let i = 0; i < 400; i++) {
      const stop = await world.monitor.run({ budget: 997n });
      for (const cvm of cvms) {
        for (const { title, where, capability } of world.monitor.holdings(cvm)) {
          if (title === undefined)
            expect.fail(
              `${cvm.name}: ${where} holds 0x${capability.base.toString(16)}-0x${capability.top.toString(16)}`,
            );
          titles.add(title);
        }
      }
      if (stop.reason === 'ended') break;
    }
    expect([...titles]).to.include.members(['code', 'data', 'gate']);
  });

  it('ends at its first fault when it has none to take', async () => {
    const world = await World.create();
    const hostile = world.cvm('hostile', { arguments: ['nobody', '0x80000000'] });
    world.start(hostile);
    await world.monitor.run();
    expect(hostile.state).to.equal('faulted');
    expect(hostile.ending).to.match(
      /^CapEx_LengthViolation of ddc 0x[0-9a-f]+ \[rwR,0x[0-9a-f]+-0x[0-9a-f]+\] at 0x[0-9a-f]+ <load_byte>$/,
    );
    expect(hostile.faults).to.equal(1);
  });

  it('cannot exhaust the monitor by faulting or failing without end', async () => {
    const world = await World.create();
    const hostile = world.cvm('hostile', {
      faults: 1_000_000,
      background: true,
      arguments: ['nobody', '0x80000000', 'again'],
    });
    const work = world.cvm('work', { image: 'worker', arguments: ['threads', '8'] });
    world.start(hostile, work);
    expect((await world.monitor.run({ budget: 100_000_000n })).reason).to.equal('ended');
    expect(work.exitCode).to.equal(0);
  });
});
