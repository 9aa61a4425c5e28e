// An upstream of HTTP/2 that does what a path asks for, and with TLS of HTTP/1.1 too. Writes its
// port, and then a line for each request: its connection's number, its stream, method and path.
//
//   node server.js [--tls KEY CERT] [--streams N] [--websockets]
'use strict';

const fs = require('fs');
const http2 = require('http2');

const args = process.argv.slice(2);
function option(name, values) {
  const at = args.indexOf(name);
  return at < 0 ? null : args.slice(at + 1, at + 1 + values);
}
const tls = option('--tls', 2);
const streams = option('--streams', 1);

const settings = {enableConnectProtocol: args.includes('--websockets')};
if (streams) settings.maxConcurrentStreams = Number(streams[0]);
const server = tls ? http2.createSecureServer({key: fs.readFileSync(tls[0]),
                                               cert: fs.readFileSync(tls[1]), allowHTTP1: true, settings})
                   : http2.createServer({settings});

const seen = new Map();  // how often a path was asked for
let sessions = 0;
let served = 0;
const held = [];
let most = 0, now = 0;  // streams at once

function grpc(stream, status, more = {}) {
  stream.respond({':status': 200, 'content-type': 'application/grpc', 'grpc-status': status, ...more},
                 {endStream: true});
}

function echo(stream, headers) {
  const chunks = [];
  stream.on('data', (chunk) => chunks.push(chunk));
  stream.on('end', () => {
    const body = Buffer.concat(chunks);
    stream.respond({':status': 200, 'content-type': headers['content-type'] || 'text/plain'},
                   {waitForTrailers: true});
    stream.on('wantTrailers', () => stream.sendTrailers({'x-bytes': String(body.length),
                                                          'grpc-status': '0'}));
    stream.end(body);
  });
}

const {NGHTTP2_REFUSED_STREAM, NGHTTP2_INTERNAL_ERROR, NGHTTP2_HTTP_1_1_REQUIRED} = http2.constants;

const answers = {
  '/plain': (stream, headers) => {
    stream.respond({':status': 200, 'content-type': 'application/json'});
    stream.end(JSON.stringify(headers));
  },
  '/sized': (stream) => {
    stream.respond({':status': 200, 'content-length': 5});
    stream.end('hello');
  },
  '/nothing': (stream) => stream.respond({':status': 204}, {endStream: true}),
  '/empty': (stream) => stream.respond({':status': 200}, {endStream: true}),
  '/early': (stream) => {
    stream.additionalHeaders({':status': 103, 'link': '</style.css>; rel=preload'});
    stream.respond({':status': 200});
    stream.end('late');
  },
  '/echo': echo,
  '/trailed': (stream) => {
    let body = '', trailers = {};
    stream.on('data', (chunk) => { body += chunk; });
    stream.on('trailers', (fields) => { trailers = {...fields}; });
    stream.on('end', () => {
      stream.respond({':status': 200, 'content-type': 'application/json'});
      stream.end(JSON.stringify({body, trailers}));
    });
  },
  '/refused': (stream, headers, times) =>
    times === 1 ? stream.close(NGHTTP2_REFUSED_STREAM) : echo(stream, headers),
  '/old': (stream) => stream.close(NGHTTP2_HTTP_1_1_REQUIRED),
  '/broken': (stream) => stream.close(NGHTTP2_INTERNAL_ERROR),
  '/cut': (stream) => {
    stream.respond({':status': 200});
    // The answer to a ping says that what was sent before it has come.
    stream.write('half', () => stream.session.ping(() => stream.destroy(new Error('cut'))));
  },
  '/unauthorized': (stream, headers, times) =>
    times === 1 ? stream.respond({':status': 401}, {endStream: true}) : echo(stream, headers),
  '/misdirected': (stream, headers, times) =>
    times === 1 ? stream.respond({':status': 421}, {endStream: true}) : echo(stream, headers),
  '/goaway': (stream, headers, times) => {
    // The last stream that it takes is the one before: this one was never processed.
    if (times === 1) stream.session.goaway(0, Math.max(stream.id - 2, 0));
    else echo(stream, headers);
  },
  '/big': (stream) => {
    stream.respond({':status': 200});
    stream.end(Buffer.alloc(8 << 20, 'x'));
  },
  '/twelve': (stream) => {  // are answered together
    if (held.push(stream) < 12) return;
    for (const one of held.splice(0)) {
      one.respond({':status': 200});
      one.end('held');
    }
  },
  '/socket': (stream, headers) => {  // RFC 8441, and every byte comes back
    stream.respond({':status': 200, 'x-protocol': headers[':protocol']});
    stream.pipe(stream);
  },
  '/counts': (stream) => {
    stream.respond({':status': 200});
    stream.end(JSON.stringify({sessions, served, most}));
  },
  '/grpc/unauthenticated': (stream, headers, times) =>
    times === 1 ? grpc(stream, 16) : echo(stream, headers),
  '/grpc/unavailable': (stream, headers, times) =>
    times === 1 ? grpc(stream, 14, {'grpc-retry-pushback-ms': '1'}) : echo(stream, headers),
  '/grpc/exhausted': (stream) => grpc(stream, 8),
  '/grpc/final': (stream) => grpc(stream, 14, {'grpc-retry-pushback-ms': '-1'}),
};

server.on('session', (session) => {
  session.number = ++sessions;
});
server.on('sessionError', () => {});
// What listens to requests meddles with trailers of streams too, which have an event of their own.
if (tls) server.on('request', (request, response) => {
  if (request.httpVersion === '1.1') response.end('by HTTP/1.1');
});
server.on('stream', (stream, headers) => {
  now += 1;
  most = Math.max(most, now);
  stream.on('close', () => { now -= 1; });
  stream.on('error', () => {});
  const path = headers[':path'].split('?')[0];
  const times = (seen.get(headers[':path']) || 0) + 1;
  seen.set(headers[':path'], times);
  served += 1;
  console.log(`${stream.session.number} ${stream.id} ${headers[':method']} ${headers[':path']}`);
  const answer = answers[path];
  if (answer) answer(stream, headers, times);
  else stream.respond({':status': 404}, {endStream: true});
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.on('end', () => process.exit(0)).resume();  // with the test
