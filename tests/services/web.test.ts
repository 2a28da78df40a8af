// Debian's Python and nginx in cVMs, asked by curl.
import { expect } from 'chai';
import { compileIfStale } from '../cli/capvm.ts';
import { debianImage } from '../helpers/packages.ts';
import { client, freePort, needs, withServices } from './live-services.ts';

const THREADS = `
import http.server, json
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        answer = json.dumps({'path': self.path, 'bytes': len(body), 'sum': sum(body)}).encode()
        self.send_response(200)
        self.send_header('Content-Length', str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
server = http.server.ThreadingHTTPServer(('', 8000), Handler)
print('serving', flush=True)
server.serve_forever()
`;

const ASYNCIO = `
import asyncio
async def answer(reader, writer):
    words = (await reader.readuntil(b'\\r\\n\\r\\n')).split()
    await asyncio.sleep(0.01)
    body = words[1].upper()
    writer.write(b'HTTP/1.1 200 OK\\r\\nConnection: close\\r\\nContent-Length: %d\\r\\n\\r\\n%s' % (len(body), body))
    await writer.drain()
    writer.close()
async def main():
    server = await asyncio.start_server(answer, '0.0.0.0', 8000)
    print('serving', flush=True)
    await server.serve_forever()
asyncio.run(main())
`;

const NGINX = `
head -c 300000 /usr/bin/busybox > /tmp/big
echo 'daemon off; master_process off; user root; error_log stderr; events { }
http { access_log off; server { listen 8000; root /tmp; location = /hello { return 200 hello; } } }' > /tmp/nginx.conf
echo serving
exec nginx -c /tmp/nginx.conf
`;

describe('Web servers in cVMs and curl', () => {
  before(function () {
    compileIfStale();
    needs(this, 'curl', 'curl');
  });

  it("Python's threaded server takes what several clients post at once", async function () {
    await debianImage(this, 'python3');
    await served('python3', ['python3', '-c', THREADS], async (url) => {
      const post = (size: number): Promise<string> =>
        client('curl', '-s', '--retry', '3', '--retry-connrefused', '-d', 'x'.repeat(size), `${url}/p${size}`);
      const sizes = [1, 100, 70_000, 5000];
      const answers = await Promise.all(sizes.map(post));
      const sum = 'x'.charCodeAt(0);
      for (const [index, size] of sizes.entries())
        expect(JSON.parse(answers[index])).to.deep.equal({ path: `/p${size}`, bytes: size, sum: size * sum });
    });
  });

  it("Python's asyncio serves eight at once", async function () {
    await debianImage(this, 'python3');
    await served('python3', ['python3', '-c', ASYNCIO], async (url) => {
      const words = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
      const answers = await Promise.all(words.map((word) => client('curl', '-s', `${url}/${word}`)));
      expect(answers).to.deep.equal(words.map((word) => `/${word.toUpperCase()}`));
    });
  });

  it('nginx serves a file and a byte range of it', async function () {
    await debianImage(this, 'nginx-light', 'busybox-static');
    await served('test-nginx-light-busybox-static', ['sh', '-c', NGINX], async (url) => {
      expect(await client('curl', '-s', '--retry', '5', '--retry-connrefused', `${url}/hello`)).to.equal('hello');
      const range = ['-s', '-o', '/dev/null', '-w', '%{http_code} %{size_download}'];
      expect(await client('curl', ...range, `${url}/big`)).to.equal('200 300000');
      expect(await client('curl', ...range, '-r', '1000-1999', `${url}/big`)).to.equal('206 1000');
      expect(await client('curl', ...range, `${url}/none`)).to.match(/^404 /);
    });
  });
});

async function served(image: string, command: string[], action: (url: string) => Promise<void>): Promise<void> {
  const port = await freePort();
  const manifest = `version: 1
cvms:
  - { name: web, image: ${image}, command: ${JSON.stringify(command)}, memory: 64M, processes: 2, publish: ['${port}:8000'] }
`;
  await withServices(manifest, async (start) => {
    const live = await start(/serving/);
    await action(`http://127.0.0.1:${port}`);
    live.child.kill('SIGTERM');
    await live.done;
  });
}
