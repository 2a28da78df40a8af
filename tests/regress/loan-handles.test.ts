// Loans were granted into the receiver's handles when they were lent: a sender could use them all up. They are its
// business only when it borrows.
import { expect } from 'chai';
import { HOSTCALL_LOAN_LEND, LOANS_OUT, STREAM_SEND, HOSTCALL_STREAM_OPEN } from '../../src/monitor/abi.ts';
import { World } from '../monitor/world.ts';

describe('a sender', () => {
  it("does not use up the receiver's handles with loans that nobody borrows", async () => {
    const world = await World.create();
    const { monitor } = world;
    const names = ['one', 'two'];
    const lend = names.flatMap((name, handle) => [
      ...['ask', HOSTCALL_STREAM_OPEN, `@${name}`, name.length, STREAM_SEND, 0, 0, 0],
      ...Array.from({ length: LOANS_OUT }, () => ['ask', HOSTCALL_LOAN_LEND, handle, '&0', 64, 0, 0, 0]).flat(),
    ]);
    const listen = names.flatMap((name) => ['listen', name, 64, '0xffffffffffffffff']);
    const files = Array.from({ length: 16 }, (_, index) => ['open', `f${index}`, 1]).flat();
    const receiver = world.cvm('receiver', { image: 'worker', arguments: [...listen, 'sleep', 100_000, ...files, 'exit', 0].map(String) }); // prettier-ignore
    const sender = world.cvm('sender', { image: 'worker', arguments: ['sleep', 50_000, ...lend, 'block', 0, 0].map(String), background: true }); // prettier-ignore
    for (const name of names) monitor.connect(name, sender, receiver);
    for (let index = 0; index < 16; index++) monitor.allowFile(monitor.createFile(`f${index}`, 64), receiver, 1);
    world.start(receiver, sender);
    await monitor.run();
    const lent = world.lines(sender).filter((line) => line.startsWith(`ask ${HOSTCALL_LOAN_LEND}:`));
    expect(lent.filter((line) => line.endsWith(': 7'))).to.have.length(names.length);
    const opened = world.lines(receiver).filter((line) => line.startsWith('open'));
    expect(opened).to.deep.equal(Array.from({ length: 16 }, (_, handle) => `open: ${handle}, size 64`));
  });
});
