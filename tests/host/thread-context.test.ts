// Registers of threads that do not run: what was derived from them is that of the machine they come back to.
import { expect } from 'chai';
import { FLAG_BIT } from '../../src/host/capability.ts';
import { ALMIGHTY_CAPABILITY, leaveTrap, Machine, ThreadContext } from '../../src/host/index.ts';
import { assemble } from '../helpers/assembler.ts';

const RAM = 0x8000_0000n;
const DATA = RAM + 0x1000n;
const T0 = 5;
const CAUSE_STORE_FAULT = 7n;
const CAUSE_CHERI = 28n;

/** A machine before `sd.cap` through ct0, whose windows are open, in user mode. */
async function machineBeforeStore(): Promise<Machine> {
  const machine = await Machine.create({ memory: '1M', stopOnMachineTrap: true });
  machine.memory.write(RAM, assemble('ld.cap t1, (ct0)\nsd.cap t1, (ct0)\nebreak', { base: RAM }).bytes);
  machine.registers.set('pmpaddr0', (1n << 54n) - 1n);
  machine.registers.set('pmpcfg0', 0x1fn);
  machine.registers.setCapability('ct0', { ...ALMIGHTY_CAPABILITY, address: DATA });
  machine.registers.pc = RAM;
  machine.registers.privilege = 'U';
  expect(machine.runSync({ budget: 1 }).reason).to.equal('budget');
  return machine;
}

function saved(machine: Machine): ThreadContext {
  const context = new ThreadContext();
  context.save(machine);
  return context;
}

describe('ThreadContext', () => {
  it('gives back what it took', async () => {
    const machine = await machineBeforeStore();
    const context = saved(machine);
    machine.registers.setX(T0, 1n);
    machine.registers.pc = 0n;
    context.load(machine);
    const stop = machine.runSync({ budget: 10 });
    expect([stop.reason, stop.cause, stop.pc]).to.deep.equal(['trap', 3n, RAM + 8n]);
  });

  it('does not bring windows back that PMP has closed meanwhile', async () => {
    const machine = await machineBeforeStore();
    const context = saved(machine);
    machine.registers.set('pmpcfg0', 0x1dn); // no stores
    context.load(machine);
    const stop = machine.runSync({ budget: 10 });
    expect([stop.reason, stop.cause, stop.pc]).to.deep.equal(['trap', CAUSE_STORE_FAULT, RAM + 4n]);
  });

  it('opens windows anew that PMP had closed', async () => {
    const machine = await machineBeforeStore();
    machine.registers.set('pmpcfg0', 0x1dn);
    const context = saved(machine);
    machine.registers.set('pmpcfg0', 0x1fn);
    context.load(machine);
    expect(machine.runSync({ budget: 10 }).pc).to.equal(RAM + 8n);
  });

  it('is no capability any more where an integer was written', async () => {
    const machine = await machineBeforeStore();
    const context = saved(machine);
    context.setX(T0, DATA);
    context.load(machine);
    const stop = machine.runSync({ budget: 10 });
    expect([stop.reason, stop.cause, stop.pc]).to.deep.equal(['trap', CAUSE_CHERI, RAM + 4n]);
  });

  it('serves another machine', async () => {
    const [one, other] = [await machineBeforeStore(), await machineBeforeStore()];
    const context = saved(one);
    other.registers.set('pmpcfg0', 0x1dn);
    one.registers.set('pmpcfg0', 0x1dn); // as many changes on either
    context.load(other);
    expect(other.runSync({ budget: 10 }).cause).to.equal(CAUSE_STORE_FAULT);
  });
});

describe('leaveTrap', () => {
  it('does not bring PCC back with a window that PMP has closed for all modes meanwhile', async () => {
    const machine = await Machine.create({ memory: '1M', stopOnMachineTrap: true });
    const text = '.mode cap\necall\nauipcc ct0, 1\nsd t1, 4(ct0)\nebreak';
    machine.memory.write(RAM, assemble(text, { base: RAM }).bytes);
    machine.registers.set('pmpaddr0', (1n << 54n) - 1n);
    machine.registers.set('pmpcfg0', 0x1fn);
    const { tag, high } = ALMIGHTY_CAPABILITY;
    machine.registers.setCapability('pcc', { tag, high: high | (1n << FLAG_BIT), address: RAM });
    machine.registers.privilege = 'U';
    expect(machine.runSync({ budget: 10 }).reason).to.equal('trap');
    machine.registers.set('pmpcfg0', 0x9dn); // no stores, in M-mode neither
    leaveTrap(machine, 4);
    const stop = machine.runSync({ budget: 10 });
    expect([stop.reason, stop.cause, stop.pc]).to.deep.equal(['trap', CAUSE_STORE_FAULT, RAM + 8n]);
  });
});
