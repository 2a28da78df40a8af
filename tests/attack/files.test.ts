import { expect } from 'chai';
import { FILE_READ, FILE_WRITE } from '../../src/monitor/abi.ts';
import { Scene } from './scene.ts';

describe('attack: shared files and loans', () => {
  it('give nothing beyond their rights and bounds, and nothing after they were taken back', async () => {
    const scene = await Scene.create();
    const { monitor } = scene.world;
    const owner = scene.attacker('owner', 'files', ['owner'], { background: true });
    const attacker = scene.attacker('attacker', 'files', ['attack']);
    const board = monitor.createFile('board', 4096);
    const drop = monitor.createFile('drop', 4096);
    const hidden = monitor.createFile('private', 4096);
    const own = monitor.createFile('own', owner);
    const mine = monitor.createFile('mine', attacker);
    monitor.allowFile(board, attacker, FILE_READ);
    monitor.allowFile(drop, attacker, FILE_WRITE);
    monitor.allowFile(hidden, scene.client, FILE_READ);
    monitor.allowFile(own, attacker, FILE_READ);
    monitor.allowFile(mine, owner, FILE_READ | FILE_WRITE);
    monitor.connect('loans', owner, attacker);
    const stop = await scene.run([owner, attacker], { step: 997n });
    expect([stop.reason, attacker.exitCode]).to.deep.equal(['ended', 0]);
    expect(scene.lines(owner)).to.deep.equal(['recall: 0']);
    scene.expectOutcomes({
      '0x0': [
        'keep a file that it closed, in every register',
        'keep a file that the owner takes back, in every register',
        'load a capability from a file',
        'keep a loan that it returned',
        'keep a loan that is recalled',
      ],
      '-11': ['open it again at once', 'borrow where nothing is lent'],
      CapEx_TagViolation: ['load through the empty slot', 'widen a file'],
      '-128': ['read through the library'],
      EPERM: [
        'open to write what may only be read',
        'open the file of others',
        'wait on a word that it may not read',
        'advertise the file of others',
        "advertise a file of the host's",
        'revoke the file of others',
      ],
      EINVAL: [
        'open with no rights',
        'open with rights that do not exist',
        'wait on a word at an odd place',
        'advertise nothing',
        'advertise everything',
        'advertise what no capability covers',
      ],
      ENOENT: ['open a file that is not there'],
      CapEx_PermitStoreViolation: ['store into what may only be read', 'store into a loan'],
      CapEx_PermitLoadViolation: ['load from what may only be written'],
      CapEx_LengthViolation: [
        'load behind a file',
        'load across the end of a file',
        'load before a file',
        'store behind a file',
        'load behind a loan',
      ],
      CapEx_PermitStoreCapViolation: ['store a capability into a file'],
      CapEx_PermitExecuteViolation: ['execute a file'],
      EFAULT: [
        'hostcall with a file as DDC',
        'wait on a word behind a file',
        'wait on a word across the end',
        'wait on a word before a file',
        'notify a word far away',
        'advertise its c-list',
        'advertise more than its memory',
        'advertise its text',
      ],
      EBADF: [
        'wait on a wild handle',
        'close a wild handle',
        'return a loan twice',
        'recall as the receiver',
        'lend as the receiver',
      ],
    });
    for (const file of [board, drop, hidden]) {
      const { base, sizeBytes } = file.region!;
      expect(monitor.machine.memory.read(base, sizeBytes).every((byte) => byte === 0)).to.equal(true);
      monitor.removeFile(file);
    }
    await scene.expectUnharmed();
  });
});
