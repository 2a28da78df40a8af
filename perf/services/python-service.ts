// What Linux's 192 thousand instructions were counted with, too: a service without any framework.

export const HTTP_PORT = 8080;

/** Asks Redis for the key in the path; four system calls a request: recv, sendall, recv, sendall. */
export const PYTHON_SERVICE = `
import socket, time

KEY = b'key:000000000001'
while True:
    try:
        redis = socket.create_connection(('redis', 6379))
        break
    except OSError:
        time.sleep(0.01)
redis.sendall(b'*3\\r\\n$3\\r\\nSET\\r\\n$%d\\r\\n%s\\r\\n$3\\r\\nabc\\r\\n' % (len(KEY), KEY))
redis.recv(4096)
server = socket.create_server(('', ${HTTP_PORT}))
print('serving', flush=True)
while True:
    connection, _ = server.accept()
    while request := connection.recv(4096):
        key = request.split(b' ', 2)[1][1:]
        redis.sendall(b'*2\\r\\n$3\\r\\nGET\\r\\n$%d\\r\\n%s\\r\\n' % (len(key), key))
        value = redis.recv(4096).split(b'\\r\\n')[1]
        connection.sendall(b'HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n%s' % (len(value), value))
    connection.close()
`;
