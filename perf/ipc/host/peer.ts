// One of the two processes that talk, started by pair.ts: takes requests over Node's channel and answers each once.
// The line to the other one is inherited descriptors. It ends when its parent does.
import { sampleRounds } from '../median.ts';
import { endService, runBatch, serve } from './batch.ts';
import { Channel } from './channel.ts';
import { INPUT, type PeerAnswer, type PeerRequest } from './pair.ts';

function answer(request: PeerRequest): readonly number[] {
  const channel = new Channel(INPUT, request.output);
  switch (request.verb) {
    case 'measure': {
      const { kind, bytes, milliseconds } = request;
      return sampleRounds((rounds) => runBatch(channel, { kind, bytes, rounds }), milliseconds);
    }
    case 'serve':
      serve(channel);
      return [];
    case 'end':
      endService(channel);
      return [];
  }
}

function reply(message: PeerAnswer): void {
  process.send!(message);
}

process.on('message', (request: PeerRequest) => {
  try {
    reply({ samples: answer(request) });
  } catch (error) {
    reply({ error: error instanceof Error ? error.message : String(error) });
  }
});
process.on('disconnect', () => process.exit());
