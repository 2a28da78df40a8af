/* A hostile neighbour in a network: frames of mostly plausible numbers to a library OS, in pieces of any size, while it reads
 * the answers, or does not, or spoils the ring that they come to. argv: seed, frames. */
#include "cvm.h"

enum { OPEN = 1, DATA = 4, CREDIT, FIN, RESET };
enum { CAPACITY = 65536, HEADER = 16, LARGEST = 5000, PORT = 7000, MOMENT = 2000, CONNECTIONS = 12 };
/* Of one connection: what any library OS lets it send without a word, and most that it may give. */
enum { UNASKED = 4096, GIVEN = 200000 };

static struct {
  uint32_t id, left;
} connections[CONNECTIONS]; /* id 0: none */
static uint8_t ring[CAPACITY + RING_CONTROL] __attribute__((aligned(4096)));
static uint8_t frame[HEADER + LARGEST];
static uint64_t state;
static long in, out;

static uint32_t below(uint32_t limit) {
  state = state * 6364136223846793005 + 1442695040888963407;
  return (uint32_t)(state >> 33) % limit;
}

static uint32_t put(uint32_t id, uint32_t type, uint32_t length, uint32_t value) {
  uint32_t words[] = {id, type | PORT << 16, length, value};
  memcpy(frame, words, sizeof words);
  return HEADER + length;
}

/* Fields of any size. How many bytes it has, as all that follow. */
static uint32_t make_odd(void) {
  uint32_t odd = ~0u / (1 + below(1000)), length = below(3) == 0 ? odd : below(100);
  put(below(2) == 0 ? below(50) * 2 + 1 : odd, below(3) == 0 ? below(65536) : 1 + below(7), length, below(2) == 0 ? below(GIVEN) : odd);
  return HEADER + length % LARGEST;
}

/* What the rules allow, as far as one can know who does not listen. */
static uint32_t make(void) {
  static uint32_t latest = (uint32_t)-1; /* odd ones are of whose sending stream's name comes first */
  uint32_t which = below(CONNECTIONS), id = connections[which].id, kind = below(10);
  if (id == 0) {
    connections[which].id = latest += 2;
    connections[which].left = UNASKED;
    return put(latest, OPEN, below(65), 1 + below(GIVEN));
  }
  uint32_t size = kind < 7 && connections[which].left > 0 ? 1 + below(connections[which].left) : 0;
  connections[which].left -= size;
  if (size > 0) return put(id, DATA, size, 0);
  if (kind == 7) return put(id, CREDIT, 0, below(100));
  connections[which].id = 0;
  return put(id, kind == 8 ? RESET : FIN, 0, 0);
}

static void hear(uint32_t manner) {
  size_t size;
  if (manner == 0) return;
  if (manner == 1 && below(50) == 0) *(volatile uint64_t *)(ring + CAPACITY + RING_TAIL) = state;
  if (cvm_stream_wait(in, 1) <= 0) return;
  cvm_stream_peek(in, &size);
  cvm_stream_consume(in, size);
}

int main(int argc, char **argv) {
  uint64_t frames = argc > 1 ? cvm_parse_number(argv[1]) : 100;
  state = argc > 0 ? cvm_parse_number(argv[0]) : 1;
  in = cvm_stream_open_receive("to-neighbour", ring, sizeof ring);
  out = cvm_stream_open_send("from-neighbour");
  uint32_t manner = below(4), rarely = 1 << (4 + below(8));
  for (uint64_t i = 0; i < frames; i++) {
    uint32_t size = below(rarely) == 0 ? make_odd() : make(), piece;
    for (uint32_t done = 0; done < size; done += piece) {
      piece = below(3) == 0 ? 1 + below(size - done) : size - done;
      long sent = cvm_stream_send_some(out, frame + done, piece, MOMENT);
      if (sent == -EPIPE || sent == -EREVOKED) return 0;
      piece = sent > 0 ? (uint32_t)sent : 0;
    }
    if (below(4) == 0) hear(manner);
  }
  return 0;
}
