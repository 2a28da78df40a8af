import { expect } from 'chai';
import {
  ArgumentError,
  formatTraceJson,
  formatTraceText,
  Machine,
  parseConcerns,
  Tracer,
} from '../../src/host/index.ts';
import type { MachineOptions, Stop } from '../../src/host/index.ts';
import { CodeBuilder } from '../helpers/code-builder.ts';
import { A0, A1, A2, boundsFault, cheri, DATA, elf, endless, hello, RAM, text } from './programs.ts';

async function traced(image: Uint8Array, concerns = 'all', options: MachineOptions = {}) {
  const machine = await Machine.create({ memory: '1M', ...options });
  machine.load(image);
  const selected = parseConcerns(concerns);
  const lines: string[] = [];
  const json: Record<string, unknown>[] = [];
  const tracer = new Tracer(machine, selected, (event) => {
    lines.push(...formatTraceText(event, selected).trimEnd().split('\n'));
    json.push(JSON.parse(formatTraceJson(event, selected)) as Record<string, unknown>);
  });
  const run = (budget: number): Stop => machine.runSync({ budget, tracer });
  return { machine, run, lines, json };
}

describe('Trace', () => {
  const program = elf(
    new CodeBuilder(RAM)
      .op('addi', { d: A0, s: 0, i: 5 })
      .li(A1, DATA)
      .op('sd', { s: A1, t: A0, i: 8 })
      .op('lw', { d: A2, s: A1, i: 0 })
      .word(0x34051073, 4),
    { data: text('abcd') },
  );

  it('shows instructions, registers, memory and CSRs in the manner of Sail', async () => {
    const { run, lines } = await traced(program);
    run(7);
    expect(lines[0]).to.equal('[0] [M]: 0x0000000080000000 (0x00500513) addi a0,zero,5');
    expect(lines[1]).to.equal('x10 <- 0x0000000000000005');
    expect(lines).to.include('mem[W,0x0000000080001008] <- 0x0000000000000005');
    expect(lines).to.include('mem[R,0x0000000080001000] -> 0x64636261');
    expect(lines).to.include('x12 <- 0x0000000064636261');
    expect(lines).to.include('CSR mscratch <- 0x0000000000000005');
  });

  it('shows only the concerns asked for', async () => {
    const { run, lines } = await traced(program, 'mem,csr');
    run(7);
    expect(lines.filter((line) => line !== '').map((line) => line.slice(0, 3))).to.deep.equal(['mem', 'mem', 'CSR']);
    expect(() => parseConcerns('memory,colour')).to.throw(ArgumentError, /"colour" is none of instructions/);
  });

  it('gives the same as JSON', async () => {
    const { run, json } = await traced(program);
    run(7);
    expect(json[0]).to.deep.include({ index: 0, privilege: 'M', raw: '0x500513', text: 'addi a0,zero,5' });
    expect(json[0].registers).to.deep.equal({ x10: '0x0000000000000005' });
    const store = json.find(({ memory }) => JSON.stringify(memory)?.includes('store'));
    expect(store?.memory).to.deep.equal([{ kind: 'store', address: '0x0000000080001008', size: 8, value: '0x5' }]);
  });

  it('shows capabilities and the trap that ends the program', async () => {
    const { run, lines } = await traced(boundsFault());
    expect(run(100).reason).to.equal('trap');
    expect(lines).to.include('c12 <- 0x80001000 [rwxRW,0x80001000-0x80001010]');
    expect(lines.at(-1)).to.match(/^exception 0x1c \(CHERI fault\), tval 0x0000000000000181, M -> M at/);
  });

  it('changes nothing about the run', async () => {
    const plain = await Machine.create({ memory: '1M' });
    const image = hello('same');
    plain.load(image);
    const { run, machine } = await traced(image);
    const [a, b] = [plain.runSync(), run(1_000_000)];
    expect([b.reason, b.instructions, machine.stateHash()]).to.deep.equal([
      a.reason,
      a.instructions,
      plain.stateHash(),
    ]);
  });

  it('stops at budgets and at `until`', async () => {
    const { machine, run } = await traced(endless());
    expect(run(10).instructions).to.equal(10n);
    const tracer = new Tracer(machine, parseConcerns('trap'), () => {});
    expect(machine.runSync({ tracer, until: RAM + 4n }).reason).to.equal('until');
  });

  it('counts relocated addresses from DDC', async () => {
    const image = elf(new CodeBuilder(RAM).word(cheri('cgetaddr', A0, A0), 4).op('lbu', { d: A1, s: 0, i: 1 }), {
      data: text('xy'),
    });
    const { machine, run, lines } = await traced(image, 'memory', { addressing: 'relocated' });
    machine.registers.setCapability('ddc', { tag: true, high: 0xffff000000000000n, address: DATA });
    run(2);
    expect(lines).to.include('mem[R,0x0000000080001001] -> 0x79');
  });
});
